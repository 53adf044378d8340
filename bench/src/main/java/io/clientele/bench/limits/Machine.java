package io.clientele.bench.limits;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Stream;

/** What a measurement ran on. */
final class Machine {
  private static final double BUSY = 0.5; // others' load a core

  private Machine() {}

  /** When, on which machine, and how busy it was before: in Markdown, to be asked at the start. */
  static String describe() throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return "%s, %d cores (%s), Java %s. Load average before the start: %.2f.%s"
        .formatted(
            Instant.now().truncatedTo(ChronoUnit.MINUTES),
            cores,
            processor(),
            System.getProperty("java.version"),
            load,
            load > BUSY * cores
                ? " **The machine was busy with something else: these figures are noisy.**"
                : "");
  }

  private static String processor() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return System.getProperty("os.arch");
    }
    try (Stream<String> lines = Files.lines(info)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    }
  }
}
