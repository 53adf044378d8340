package io.clientele.bench.memory;

/** A table that is printed row by row, so that a long measurement shows how far it is. */
final class MarkdownTable {
  MarkdownTable(String... columns) {
    row((Object[]) columns);
    System.out.println("|---".repeat(columns.length) + "|");
  }

  void row(Object... cells) {
    var line = new StringBuilder("|");
    for (Object cell : cells) {
      line.append(' ').append(cell).append(" |");
    }
    System.out.println(line);
  }
}
