package io.clientele.bench.limits;

import io.clientele.bench.limits.Chart.Dot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What something costs as one number grows, each figure beside the echo's of the same step.
 *
 * @param number what grows, such as "customers in the store"
 * @param steps ascending
 */
record Growth(String number, List<Step> steps) {
  private static final List<Column> COLUMNS =
      List.of(
          new Column("a second", Step::most, Round::unitsPerSecond, 0),
          new Column("CPU µs", Step::most, Round::cpuMicros, 1),
          new Column("p50 ms, one at a time", Step::one, Round::p50, 3),
          new Column("p99 ms, one at a time", Step::one, Round::p99, 3),
          new Column("p50 ms at half the most", Step::half, Round::p50, 3),
          new Column("p99 ms at half the most", Step::half, Round::p99, 3));

  Growth {
    steps = List.copyOf(steps);
  }

  /**
   * @param points of the echo and of the one scenario that is looked at
   */
  record Step(int size, List<Point> points) {
    Step {
      points = List.copyOf(points);
    }

    /** As many calls in flight as make the most of it. */
    Pair most() {
      return pair(
          points.stream()
              .filter(point -> point.inFlight() != Point.HALF)
              .sorted(Comparator.comparingDouble(point -> -point.figure(Round::unitsPerSecond)))
              .toList());
    }

    Pair one() {
      return pair(at(1));
    }

    Pair half() {
      return pair(at(Point.HALF));
    }

    private List<Point> at(int inFlight) {
      return points.stream().filter(point -> point.inFlight() == inFlight).toList();
    }

    private static Pair pair(List<Point> points) {
      return new Pair(first(points, false), first(points, true));
    }

    private static Point first(List<Point> points, boolean echo) {
      return points.stream()
          .filter(point -> point.scenario().name().equals(Scenarios.ECHO) == echo)
          .findFirst()
          .orElseThrow();
    }

    long errors() {
      return points.stream().mapToLong(Point::errors).sum();
    }
  }

  record Pair(Point point, Point echo) {}

  private interface Load {
    Pair of(Step step);
  }

  private record Column(String title, Load load, ToDoubleFunction<Round> figure, int digits) {
    double value(Step step) {
      return load.of(step).point.figure(figure);
    }

    double ratio(Step step) {
      Pair pair = load.of(step);
      return pair.point.ratio(figure, pair.echo);
    }

    double echo(Step step) {
      return load.of(step).echo.figure(figure);
    }

    String cell(Step step) {
      String format = "%,." + digits + "f (%.2f)";
      return String.format(Locale.ROOT, format, value(step), ratio(step));
    }

    /** The last step's figure over the first one's. */
    String factor(List<Step> steps) {
      return String.format(
          Locale.ROOT,
          "%.2f (%.2f)",
          value(steps.getLast()) / value(steps.getFirst()),
          ratio(steps.getLast()) / ratio(steps.getFirst()));
    }
  }

  /** A row a step, then the factors between the ends. */
  String markdown() {
    var text = new StringBuilder("| " + number + " |");
    COLUMNS.forEach(column -> text.append(' ').append(column.title).append(" |"));
    text.append(" errors |\n|---|").append("---|".repeat(COLUMNS.size())).append("---|\n");
    for (Step step : steps) {
      text.append(String.format(Locale.ROOT, "| %,d |", step.size));
      COLUMNS.forEach(column -> text.append(' ').append(column.cell(step)).append(" |"));
      text.append(' ').append(step.errors()).append(" |\n");
    }
    text.append("| **last over first** |");
    COLUMNS.forEach(column -> text.append(' ').append(column.factor(steps)).append(" |"));
    return text.append(" |\n").toString();
  }

  /** Throughput, and below it latency. */
  List<Chart> charts() {
    Map<String, List<Dot>> latency = new LinkedHashMap<>();
    COLUMNS.stream()
        .filter(column -> column.title.contains(" ms"))
        .forEach(
            column -> {
              latency.put(column.title, line(column::value));
              latency.put("echo: " + column.title, line(column::echo));
            });
    Column throughput = COLUMNS.getFirst();
    Map<String, List<Dot>> most = new LinkedHashMap<>();
    most.put("customers a second", line(throughput::value));
    most.put("echo: calls a second", line(throughput::echo));
    return List.of(
        new Chart(number, "a second, at most", most),
        new Chart(number, "latency of a call, ms", latency));
  }

  private List<Dot> line(ToDoubleFunction<Step> figure) {
    List<Dot> dots = new ArrayList<>();
    steps.forEach(step -> dots.add(new Dot(step.size, figure.applyAsDouble(step))));
    return dots;
  }
}
