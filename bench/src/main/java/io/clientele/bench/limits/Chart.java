package io.clientele.bench.limits;

import com.google.errorprone.annotations.FormatMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Lines over two logarithmic axes, as an SVG.
 *
 * @param across what the horizontal axis shows
 * @param up what the vertical axis shows
 * @param lines by name; a dot with a zero is left out
 */
record Chart(String across, String up, Map<String, List<Dot>> lines) {
  private static final int WIDTH = 1_000;
  private static final int HEIGHT = 560;
  private static final int LEFT = 70;
  private static final int RIGHT = 720;
  private static final int TOP = 20;
  private static final int BOTTOM = 500;
  private static final List<String> COLORS =
      List.of(
          "#000000", "#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#e377c2",
          "#17becf", "#bcbd22", "#7f7f7f", "#3b5b92", "#a03020");

  record Dot(double across, double up) {
    boolean isPositive() {
      return across > 0 && up > 0;
    }
  }

  /** The points with a number in flight: a line a scenario. */
  static String ofThroughputAgainstLatency(List<Point> points) {
    Map<String, List<Dot>> lines = new LinkedHashMap<>();
    for (Point point : points) {
      if (point.inFlight() != Point.HALF) {
        lines
            .computeIfAbsent(point.scenario().name(), name -> new ArrayList<>())
            .add(new Dot(point.figure(Round::unitsPerSecond), point.figure(Round::p99)));
      }
    }
    return svg(
        List.of(
            new Chart("calls, customers, events or rows a second", "p99 of a call, ms", lines)));
  }

  /** Charts one below the other. */
  static String svg(List<Chart> charts) {
    var svg = new StringBuilder();
    int height = charts.size() * HEIGHT;
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
            + " font-family=\"sans-serif\" font-size=\"13\">%n<rect width=\"%1$d\""
            + " height=\"%2$d\" fill=\"#ffffff\"/>%n",
        WIDTH,
        height);
    for (int i = 0; i < charts.size(); i++) {
      add(svg, "<g transform=\"translate(0 %d)\">%n", i * HEIGHT);
      charts.get(i).draw(svg);
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private void draw(StringBuilder svg) {
    List<Dot> all = lines.values().stream().flatMap(List::stream).filter(Dot::isPositive).toList();
    DoubleUnaryOperator x =
        axis(svg, all.stream().mapToDouble(Dot::across).toArray(), LEFT, RIGHT, true);
    DoubleUnaryOperator y =
        axis(svg, all.stream().mapToDouble(Dot::up).toArray(), BOTTOM, TOP, false);
    add(svg, "<text x=\"395\" y=\"545\" text-anchor=\"middle\">%s</text>%n", across);
    add(
        svg,
        "<text x=\"14\" y=\"260\" text-anchor=\"middle\" transform=\"rotate(-90 14 260)\">%s"
            + "</text>%n",
        up);
    int number = 0;
    for (var line : lines.entrySet()) {
      String color = COLORS.get(number % COLORS.size());
      var path = new StringBuilder();
      for (Dot dot : line.getValue().stream().filter(Dot::isPositive).toList()) {
        double at = x.applyAsDouble(dot.across);
        double height = y.applyAsDouble(dot.up);
        add(path, "%.1f,%.1f ", at, height);
        add(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", at, height, color);
      }
      String dashes = number < COLORS.size() ? "" : " stroke-dasharray=\"5 3\"";
      add(
          svg,
          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>%n",
          path.toString().strip(),
          color,
          dashes);
      int keyY = TOP + 15 + number * 24;
      add(
          svg,
          "<path d=\"M %d %d h 24\" stroke=\"%s\" stroke-width=\"3\"%s/>"
              + "<text x=\"%d\" y=\"%d\">%s</text>%n",
          RIGHT + 25,
          keyY,
          color,
          dashes,
          RIGHT + 57,
          keyY + 4,
          line.getKey());
      number++;
    }
  }

  /** Draws powers of ten, and says where a value lies. */
  private static DoubleUnaryOperator axis(
      StringBuilder svg, double[] values, int from, int to, boolean across) {
    double least = Math.floor(Math.log10(Arrays.stream(values).min().orElse(1)));
    double most = Math.ceil(Math.log10(Arrays.stream(values).max().orElse(10)));
    double span = Math.max(1, most - least);
    for (double power = least; power <= least + span; power++) {
      double at = from + (to - from) * (power - least) / span;
      String value =
          power < 0 ? String.valueOf(Math.pow(10, power)) : text("%,.0f", Math.pow(10, power));
      if (across) {
        add(svg, "<path d=\"M %.1f %d V %d\" stroke=\"#dddddd\"/>", at, TOP, BOTTOM);
        add(svg, "<text x=\"%.1f\" y=\"520\" text-anchor=\"middle\">%s</text>%n", at, value);
      } else {
        add(svg, "<path d=\"M %d %.1f H %d\" stroke=\"#dddddd\"/>", LEFT, at, RIGHT);
        add(svg, "<text x=\"64\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n", at + 4, value);
      }
    }
    return value -> from + (to - from) * (Math.log10(value) - least) / span;
  }

  @FormatMethod
  private static void add(StringBuilder text, String format, Object... arguments) {
    text.append(text(format, arguments));
  }

  @FormatMethod
  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
