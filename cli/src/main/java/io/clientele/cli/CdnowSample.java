package io.clientele.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The orders of 2,357 customers of CDNOW, a shop for music, from January 1997 to June 1998: the one
 * in ten sample of the cohort that first bought in the first quarter of 1997.
 *
 * <p>Source: the public research data of Peter Fader and Bruce Hardie, as the PyPI package
 * lifetimes 0.11.3 (MIT) carries it. A row is an order: customer, the customer's number in the
 * sample, date, CDs, dollars. The n-th row of a customer is the order {@code <customer>-<n>}.
 */
public final class CdnowSample implements EventSource {
  private static final String RESOURCE = "cdnow_sample.txt";

  private final List<LoggedEvent> orders;

  private CdnowSample(List<LoggedEvent> orders) {
    this.orders = orders;
  }

  public static CdnowSample load() {
    Map<String, Integer> rowsByCustomer = new HashMap<>();
    List<LoggedEvent> orders = new ArrayList<>();
    try (InputStream resource = CdnowSample.class.getResourceAsStream(RESOURCE)) {
      if (resource == null) {
        throw new IllegalStateException("no resource " + RESOURCE);
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(resource, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isBlank()) {
          orders.add(order(line.strip().split("\\s+"), rowsByCustomer));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    orders.sort(Comparator.comparingLong(LoggedEvent::timeMs));
    return new CdnowSample(List.copyOf(orders));
  }

  private static LoggedEvent order(String[] fields, Map<String, Integer> rowsByCustomer) {
    String customer = fields[0];
    int row = rowsByCustomer.merge(customer, 1, Integer::sum);
    LocalDate day = LocalDate.parse(fields[2], DateTimeFormatter.BASIC_ISO_DATE);
    return new LoggedEvent(
        customer,
        customer + "-" + row,
        "order",
        day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli(),
        Map.of("items", Double.valueOf(fields[3]), "amount", Double.valueOf(fields[4])),
        Map.of());
  }

  @Override
  public long size() {
    return orders.size();
  }

  @Override
  public long newestTimeMs() {
    return orders.getLast().timeMs();
  }

  @Override
  public void forEach(Consumer<LoggedEvent> consumer) {
    orders.forEach(consumer);
  }
}
