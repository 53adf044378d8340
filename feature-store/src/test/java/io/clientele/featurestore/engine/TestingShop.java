package io.clientele.featurestore.engine;

import io.clientele.featurestore.catalog.Catalog;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A small catalog with every operator, and events and rows of it. */
final class TestingShop {
  static final String YAML =
      """
      entity: customer
      retention: 40d
      future_tolerance: 5m
      events:
        order:
          duplicates: retention
          measures: {amount: {decimals: 2}, items: {decimals: 0}}
          dimensions: {category: {max_values: 3}}
        view:
          duplicates: {recent: 64}
          measures: {seconds: {decimals: 1}}
          dimensions: {category: {max_values: 2}, page: {max_values: 8}}
      features:
        - {name: orders_1d, count: order, window: 1d}
        - {name: orders_7d, count: order, window: 7d}
        - {name: orders_40d, count: order, window: 40d}
        - {name: orders, count: order, window: lifetime}
        - {name: order_days_7d, active_days: order, window: 7d}
        - {name: order_days, active_days: order, window: lifetime}
        - {name: spend_7d, sum: order.amount, window: 7d}
        - {name: spend, sum: order.amount, window: lifetime}
        - {name: items_30d, sum: order.items, window: 30d}
        - {name: value_mean_7d, mean: order.amount, window: 7d}
        - {name: value_mean, mean: order.amount, window: lifetime}
        - {name: value_min_30d, min: order.amount, window: 30d}
        - {name: value_min, min: order.amount, window: lifetime}
        - {name: value_max_7d, max: order.amount, window: 7d}
        - {name: value_max, max: order.amount, window: lifetime}
        - {name: last_value, last: order.amount}
        - {name: last_items, last: order.items}
        - {name: recency, recency: order, default: 99}
        - {name: tenure, tenure: order}
        - {name: gap_mean, gap_mean: order, default: 40}
        - {name: gap_std, gap_std: order}
        - {name: gap_max, gap_max: order}
        - {name: lateness, ratio: recency / gap_mean}
        - {name: categories_1d, distinct: order.category, window: 1d}
        - {name: categories_7d, distinct: order.category, window: 7d}
        - {name: categories, distinct: order.category, window: lifetime}
        - {name: views_7d, count: view, window: 7d}
        - {name: views, count: view, window: lifetime}
        - {name: view_days_30d, active_days: view, window: 30d}
        - {name: pages_7d, distinct: view.page, window: 7d}
        - {name: viewed_categories, distinct: view.category, window: lifetime}
        - {name: since_view, recency: view}
        - {name: last_seconds, last: view.seconds}
        - {name: seconds_mean_30d, mean: view.seconds, window: 30d}
        - {name: orders_per_view_7d, ratio: orders_7d / views_7d}
      label: {event: order, measure: amount}
      """;

  static final FeaturePlan PLAN = plan(YAML);

  /** The same, but for a set of recent ids that is soon full. */
  static final FeaturePlan FEW_IDS = plan(YAML.replace("{recent: 64}", "{recent: 4}"));

  /** The first millisecond of a UTC day; some are before 1970. */
  static final long DAY_0 = 10_000 * Days.MS;

  private TestingShop() {}

  static FeaturePlan plan(String yaml) {
    return FeaturePlan.of(Catalog.parse("testing.yaml", yaml));
  }

  static Event order(String id, long timeMs, double amount, String... categories) {
    return order(PLAN, id, timeMs, amount, categories);
  }

  static Event order(
      FeaturePlan plan, String id, long timeMs, double amount, String... categories) {
    return event(
        plan.decoder()
            .decode(
                "order",
                id,
                timeMs,
                Map.of("amount", amount, "items", 1.0),
                Map.of("category", List.of(categories))));
  }

  static Event view(String id, long timeMs, String... pages) {
    return view(PLAN, id, timeMs, pages);
  }

  static Event view(FeaturePlan plan, String id, long timeMs, String... pages) {
    return event(
        plan.decoder()
            .decode("view", id, timeMs, Map.of("seconds", 2.0), Map.of("page", List.of(pages))));
  }

  static Event event(Decoded decoded) {
    return switch (decoded) {
      case Event event -> event;
      case Correction _ -> throw new AssertionError("a correction");
      case Refusal refusal -> throw new AssertionError(refusal);
    };
  }

  /** An order did not happen. */
  static Correction cancel(String id, long correctedMs) {
    return correction(PLAN.decoder().decodeCancellation("order", id, correctedMs));
  }

  /** An event was as it is said here. */
  static Correction amend(Event event, long correctedMs) {
    return correction(PLAN.decoder().decodeAmendment(event, correctedMs));
  }

  static Correction correction(Decoded decoded) {
    return switch (decoded) {
      case Correction correction -> correction;
      case Event _ -> throw new AssertionError("an event");
      case Refusal refusal -> throw new AssertionError(refusal);
    };
  }

  static Outcome fold(CustomerState state, Change change, long nowMs) {
    return switch (change) {
      case Event event -> state.fold(event, nowMs);
      case Correction correction -> state.fold(correction, nowMs);
      case Rebuild rebuild -> state.fold(rebuild, nowMs);
      case GroupWrite _ -> throw new AssertionError("not of the event state");
    };
  }

  /** A customer after these events and corrections, all folded at one moment. */
  static CustomerState state(long nowMs, Change... changes) {
    var state = CustomerState.empty(PLAN);
    for (Change change : changes) {
      fold(state, change, nowMs);
    }
    return state;
  }

  /** The features at a moment by name; missing ones are null. */
  static Map<String, Float> read(CustomerState state, long asOfMs) {
    return read(PLAN.all(), state.encode().summary(), asOfMs);
  }

  /** Which features are unanswered. */
  static List<String> unanswered(FeatureSelection selection, byte[] summary, long asOfMs) {
    ByteBuffer values = ByteBuffer.allocate(selection.rowBytes());
    ByteBuffer presence = ByteBuffer.allocate(selection.presenceBytes());
    FeatureReader reader = selection.newReader();
    reader.read(summary, asOfMs, values, 0, presence, 0);
    List<String> names =
        IntStream.range(0, selection.size())
            .filter(reader::isUnanswered)
            .mapToObj(selection.names()::get)
            .toList();
    if (reader.hasUnanswered() == names.isEmpty()) {
      throw new AssertionError("hasUnanswered: " + reader.hasUnanswered() + ", but " + names);
    }
    return names;
  }

  static Map<String, Float> read(FeatureSelection selection, byte[] summary, long asOfMs) {
    ByteBuffer values = ByteBuffer.allocate(selection.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocate(selection.presenceBytes());
    selection.newReader().read(summary, asOfMs, values, 0, presence, 0);
    return byName(selection, values, presence);
  }

  static Map<String, Float> byName(
      FeatureSelection selection, ByteBuffer values, ByteBuffer presence) {
    Map<String, Float> features = new LinkedHashMap<>();
    for (int c = 0; c < selection.size(); c++) {
      boolean present = (presence.get(c / 8) >> (c % 8) & 1) == 1;
      features.put(selection.names().get(c), present ? values.getFloat(c * Float.BYTES) : null);
    }
    return features;
  }
}
