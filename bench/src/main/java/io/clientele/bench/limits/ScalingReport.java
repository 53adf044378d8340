package io.clientele.bench.limits;

import com.google.errorprone.annotations.FormatMethod;
import io.clientele.bench.limits.Chart.Dot;
import io.clientele.bench.limits.GrowingStore.Size;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What scoring costs as things grow, as text and charts.
 *
 * @param redis which Redis the sizes are of
 */
record ScalingReport(
    String redis,
    List<Size> sizes,
    Growth byCustomers,
    Growth byModels,
    Growth byBatch,
    Backfill backfill) {

  /** Writes the text and beside it the charts. */
  void write(String heading, Places places) throws IOException {
    String text = heading + markdown(places.name());
    System.out.printf("%n%s%n", text);
    places.write(".md", text);
    List<Chart> customers = new ArrayList<>(byCustomers.charts());
    customers.add(memory());
    places.write("-customers.svg", Chart.svg(customers));
    places.write("-models.svg", Chart.svg(byModels.charts()));
    places.write("-batch.svg", Chart.svg(byBatch.charts()));
  }

  private String markdown(String name) {
    return """
    In brackets: the ratio to the echo's figure of the same rounds. CPU is of all server processes, a customer.

    ## Customers in the store: Score, uncached

    ![Customers](%1$s-customers.svg)

    %2$s
    %3$s
    ## Models that serve: Score, uncached

    ![Models](%1$s-models.svg)

    %4$s
    ## Customers in a call: ScoreBatch, uncached

    ![Batch](%1$s-batch.svg)

    %5$s
    ## Score beside a backfill

    %6$s\
    """
        .formatted(
            name,
            byCustomers.markdown(),
            memoryTable(),
            byModels.markdown(),
            byBatch.markdown(),
            backfillTable());
  }

  private String memoryTable() {
    var text =
        new StringBuilder(
            "| customers in the store | events a customer | bytes a customer | without the feed"
                + " | loaded in s |\n|---|---|---|---|---|\n");
    for (Size size : sizes) {
      text.append(
          line(
              "| %,d | %.2f | %,.0f | %,.0f | %.1f |%n",
              size.customers(),
              size.eventsPerCustomer(),
              size.bytesPerCustomer(),
              size.bytesPerCustomerWithoutFeed(),
              size.seconds()));
    }
    text.append(
        line(
            "| **last over first** | | %.2f | %.2f | |%n%n%s. The change feed has a bound of its"
                + " own.%n",
            factor(Size::bytesPerCustomer), factor(Size::bytesPerCustomerWithoutFeed), redis));
    return text.toString();
  }

  private double factor(ToDoubleFunction<Size> figure) {
    return figure.applyAsDouble(sizes.getLast()) / figure.applyAsDouble(sizes.getFirst());
  }

  private Chart memory() {
    Map<String, List<Dot>> lines = new LinkedHashMap<>();
    lines.put(
        "Redis",
        sizes.stream().map(size -> new Dot(size.customers(), size.bytes() / 1e6)).toList());
    lines.put(
        "without the change feed",
        sizes.stream()
            .map(size -> new Dot(size.customers(), (size.bytes() - size.feedBytes()) / 1e6))
            .toList());
    return new Chart(byCustomers.number(), "used memory, MB", lines);
  }

  private String backfillTable() {
    var text = new StringBuilder("| | a second | p50 ms | p99 ms | p99.9 ms | errors |\n");
    text.append("|---|---|---|---|---|---|\n");
    row(text, "Score at a fixed rate, alone", backfill.alone());
    row(text, "Score at the same rate, beside the streams", backfill.beside());
    row(text, "the streams: customers; latencies of a message", backfill.stream());
    return text.append(
            line(
                "%n%s, as much as they get: %d messages in flight. Beside them p99 of `Score` is"
                    + " %.1f times as long.%n",
                backfill.stream().scenario().name(),
                Backfill.MESSAGES_IN_FLIGHT,
                backfill.beside().ratio(Round::p99, backfill.alone())))
        .toString();
  }

  private static void row(StringBuilder text, String name, Point point) {
    text.append(
        line(
            "| %s | %,.0f | %.3f | %.3f | %.3f | %d |%n",
            name,
            point.figure(Round::unitsPerSecond),
            point.figure(Round::p50),
            point.figure(Round::p99),
            point.figure(Round::p999),
            point.errors()));
  }

  @FormatMethod
  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
