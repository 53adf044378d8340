package io.clientele.cli;

import io.clientele.gateway.v1.ChurnScore;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.ModelError;
import io.clientele.gateway.v1.Origin;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.Scores;
import io.clientele.gateway.v1.SegmentScore;
import io.clientele.gateway.v1.ValueScore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/** Scores as a table for people: one row a customer, then what went wrong. Not thread-safe. */
final class ScoreTable {
  private static final List<String> HEADERS =
      List.of("customer", "segment", "churn", "value", "how");

  private final List<String> moreHeaders;
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * @param moreHeaders headers of columns that follow the scores
   */
  ScoreTable(String... moreHeaders) {
    this.moreHeaders = List.of(moreHeaders);
  }

  /** Adds a customer, with the cells of the columns that follow the scores. */
  void add(Outcome outcome, String... moreCells) {
    switch (outcome.getResultCase()) {
      case SCORES -> add(outcome.getScores(), moreCells);
      case ERROR -> problems.add(outcome.getError().getMessage());
      case RESULT_NOT_SET -> problems.add("an outcome without a result");
    }
  }

  private void add(Scores scores, String... moreCells) {
    List<String> row = new ArrayList<>();
    row.add(scores.getCustomerId());
    row.add(scores.hasSegment() ? segment(scores.getSegment()) : "-");
    row.add(scores.hasChurn() ? churn(scores.getChurn()) : "-");
    row.add(scores.hasValue() ? value(scores.getValue()) : "-");
    row.add(how(scores));
    row.addAll(Arrays.asList(moreCells));
    rows.add(row);
    for (ModelError error : scores.getErrorsList()) {
      problems.add(
          scores.getCustomerId() + ": " + error.getModel() + ": " + error.getError().getMessage());
    }
  }

  private static String segment(SegmentScore segment) {
    float membership =
        segment.getMembershipsList().stream()
            .filter(entry -> entry.getName().equals(segment.getName()))
            .findFirst()
            .map(entry -> entry.getProbability())
            .orElse(0f);
    return "%s (%.0f %%)".formatted(segment.getName(), 100 * membership);
  }

  private static String churn(ChurnScore churn) {
    return "%.2f %s in %d d"
        .formatted(churn.getProbability(), churn.getBand(), churn.getHorizonDays());
  }

  private static String value(ValueScore value) {
    return "%.2f %s %s".formatted(value.getExpectedSpend(), value.getCurrency(), value.getTier());
  }

  private static String how(Scores scores) {
    Origin origin =
        scores.hasSegment()
            ? scores.getSegment().getOrigin()
            : scores.hasChurn() ? scores.getChurn().getOrigin() : scores.getValue().getOrigin();
    String how = origin.getProvenance().name().toLowerCase(Locale.ROOT);
    String age = origin.getAgeMs() == 0 ? "" : ", %d ms old".formatted(origin.getAgeMs());
    String unknown = scores.getCustomer() == CustomerStatus.UNKNOWN ? ", unknown customer" : "";
    return how + age + unknown;
  }

  /** The table, and below it a line a problem. */
  @Override
  public String toString() {
    List<String> headers = new ArrayList<>(HEADERS);
    headers.addAll(moreHeaders);
    Column[] columns = new Column[headers.size()];
    for (int i = 0; i < columns.length; i++) {
      int width = headers.get(i).length();
      for (List<String> row : rows) {
        width = Math.max(width, row.get(i).length());
      }
      columns[i] = new Column(width + 2, 0, Column.Overflow.SPAN);
    }
    TextTable table = TextTable.forColumns(new ColorScheme.Builder(Ansi.OFF).build(), columns);
    if (!rows.isEmpty()) {
      table.addRowValues(headers.toArray(String[]::new));
      rows.forEach(row -> table.addRowValues(row.toArray(String[]::new)));
    }
    StringBuilder text = new StringBuilder();
    table.toString(text);
    problems.forEach(problem -> text.append(problem).append(System.lineSeparator()));
    return text.toString();
  }
}
