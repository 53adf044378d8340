package io.clientele.bench.limits;

import com.google.errorprone.annotations.FormatMethod;
import io.clientele.bench.limits.Server.Usage;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Points as text, each figure with its ratio to the echo's under the same load. */
final class Report {
  private static final int REFERENCE = 64;
  private static final String BASE = "echo";

  private final List<Point> points;

  Report(List<Point> points) {
    this.points = points;
  }

  /** In Markdown. */
  String markdown() {
    var text = new StringBuilder();
    summary(text);
    text.append("\n## Every load\n\n")
        .append("In brackets: the ratio to the echo's figure with as many in flight. ")
        .append("CPU and allocation are of all server processes together, a unit.\n\n")
        .append("| | in flight | a second | p50 ms | p99 ms | p99.9 ms | CPU µs | KiB | errors |\n")
        .append("|---|---|---|---|---|---|---|---|---|\n");
    points.forEach(point -> row(text, point));
    processes(text);
    return text.toString();
  }

  private void summary(StringBuilder text) {
    text.append("| | unit | most a second | of the echo's calls | in flight | p99 ms at half | ")
        .append("of the echo's at half | errors |\n|---|---|---|---|---|---|---|---|\n");
    for (Scenario scenario : scenarios()) {
      Point most = most(scenario);
      Optional<Point> half = find(scenario.name(), Point.HALF);
      text.append(
          line(
              "| %s | %s | %,.0f | %.2f | %d | %s | %s | %d |",
              scenario.name(),
              scenario.unit(),
              most.figure(Round::unitsPerSecond),
              most.ratio(Round::unitsPerSecond, most(base())),
              most.inFlight(),
              half.map(point -> line("%.2f", point.figure(Round::p99))).orElse(""),
              half.flatMap(point -> ratio(point, Round::p99)).orElse(""),
              of(scenario).stream().mapToLong(Point::errors).sum()));
      text.append('\n');
    }
    for (Scenario scenario : scenarios()) {
      find(scenario.name(), 1)
          .filter(point -> scenario.name().startsWith("Infer "))
          .ifPresent(
              point ->
                  find(scenario.name().replace("Infer", "ONNX Runtime"), 1)
                      .ifPresent(bare -> overhead(text, point, bare)));
    }
  }

  private static void overhead(StringBuilder text, Point scorer, Point bare) {
    double millis = scorer.figure(Round::p50) - bare.figure(Round::p50);
    text.append(
        line(
            "%n%s row(s), one call at a time: %.0f µs more at p50 than ONNX Runtime alone.%n",
            scorer.scenario().size(), millis * 1e3));
  }

  private void row(StringBuilder text, Point point) {
    text.append(
        line(
            "| %s | %s | %s | %s | %s | %s | %s | %s | %d |%n",
            point.scenario().name(),
            point.inFlight() == Point.HALF ? "half the most" : point.inFlight(),
            cell(point, Round::unitsPerSecond, 1, 0),
            cell(point, Round::p50, 1, 3),
            cell(point, Round::p99, 1, 3),
            cell(point, Round::p999, 1, 3),
            cell(point, Round::cpuMicros, 1, 1),
            cell(point, Round::allocatedBytes, 1 / 1024.0, 2),
            point.errors()));
  }

  private void processes(StringBuilder text) {
    text.append("\n## What a unit costs, by process\n\nWith ")
        .append(REFERENCE)
        .append(" calls in flight, or as many as the scenario has.\n\n")
        .append("| | process | CPU µs | KiB allocated |\n|---|---|---|---|\n");
    for (Scenario scenario : scenarios()) {
      Point point =
          of(scenario).stream()
              .filter(one -> one.inFlight() <= REFERENCE)
              .max(Comparator.comparingInt(Point::inFlight))
              .orElseThrow();
      for (Server server : scenario.servers()) {
        double micros = point.figure(round -> usage(round, server).cpuMicros());
        double kib = point.figure(round -> usage(round, server).allocatedBytes()) / 1024;
        text.append(
            line(
                "| %s | %s | %.1f | %s |%n",
                scenario.name(), server.name(), micros, kib == 0 ? "" : line("%.2f", kib)));
      }
    }
  }

  private static Usage usage(Round round, Server server) {
    return round.usage().getOrDefault(server.name(), new Usage(0, 0));
  }

  private String cell(Point point, ToDoubleFunction<Round> figure, double scale, int digits) {
    String text = String.format(Locale.ROOT, "%,." + digits + "f", point.figure(figure) * scale);
    return ratio(point, figure).map(ratio -> text + " (" + ratio + ")").orElse(text);
  }

  private Optional<String> ratio(Point point, ToDoubleFunction<Round> figure) {
    return find(BASE, point.inFlight())
        .filter(base -> base.figure(figure) > 0 && point.figure(figure) > 0)
        .map(base -> line("%.2f", point.ratio(figure, base)));
  }

  private List<Scenario> scenarios() {
    return points.stream().map(Point::scenario).distinct().toList();
  }

  private Scenario base() {
    return find(BASE, Point.HALF).orElseThrow().scenario();
  }

  private List<Point> of(Scenario scenario) {
    return points.stream().filter(point -> point.scenario().equals(scenario)).toList();
  }

  private Point most(Scenario scenario) {
    return of(scenario).stream()
        .filter(point -> point.inFlight() != Point.HALF)
        .max(Comparator.comparingDouble(point -> point.figure(Round::unitsPerSecond)))
        .orElseThrow();
  }

  private Optional<Point> find(String scenario, int inFlight) {
    return points.stream()
        .filter(point -> point.scenario().name().equals(scenario) && point.inFlight() == inFlight)
        .findFirst();
  }

  @FormatMethod
  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
