package io.clientele.bench.limits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a benchmark finds the project and leaves its results. */
final class Places {
  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "What to write, without the .md and .svg that are added.")
  private Path out = Path.of("");

  @Option(
      names = "--home",
      required = true,
      paramLabel = "DIR",
      description = "The project's folder.")
  private Path home = Path.of("");

  /** The project's folder. */
  Path home() {
    return home;
  }

  /** The models that ship. */
  Path models() {
    return home.resolve("models");
  }

  /** The results' name, without folder and ending. */
  String name() {
    return String.valueOf(out.getFileName());
  }

  /**
   * Writes a part of the results.
   *
   * @param ending what stands behind the name, such as {@code .svg}
   */
  void write(String ending, String text) throws IOException {
    Path file = out.toAbsolutePath().resolveSibling(name() + ending);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
    System.out.printf("written: %s%n", file);
  }
}
