package io.clientele.featurestore.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {
  private static final String SMALL =
      """
      entity: customer
      retention: 40d
      future_tolerance: 5m
      events:
        order:
          duplicates: retention
          measures: {amount: {decimals: 2, unit: currency}, items: {decimals: 0}}
          dimensions: {category: {max_values: 8}}
        view: {duplicates: {recent: 16}}
      features:
        - {name: orders_7d, count: order, window: 7d}
        - {name: spend, sum: order.amount, window: lifetime}
        - {name: recency, recency: order, default: 40}
        - {name: spend_per_recency, ratio: spend / recency}
      label: {event: order, measure: amount}
      """;

  @Test
  void shipsTheFeaturesOfAShopInOrder() {
    assertThat(Catalog.retail().features())
        .extracting(Feature::name)
        .containsExactly(
            """
            days_since_last_order days_since_first_order
            orders_7d orders_30d orders_90d orders_180d orders_365d orders_lifetime
            order_days_30d order_days_90d order_days_180d order_days_365d order_days_lifetime
            spend_30d spend_90d spend_180d spend_365d spend_lifetime
            items_90d items_365d items_lifetime
            order_value_mean_365d order_value_mean_lifetime order_value_min_lifetime
            order_value_max_lifetime last_order_value
            order_gap_mean_days order_gap_std_days order_gap_max_days order_lateness
            categories_90d categories_lifetime
            returns_90d returns_lifetime returned_amount_lifetime days_since_last_return return_rate
            views_7d views_30d view_days_30d days_since_last_view
            carts_7d carts_30d cart_rate_30d
            """
                .strip()
                .split("\\s+"));
  }

  @Test
  void readsWhatTheFileSays() {
    Catalog catalog = Catalog.parse("c.yaml", SMALL);

    assertThat(catalog.entity()).isEqualTo("customer");
    assertThat(catalog.retentionDays()).isEqualTo(40);
    assertThat(catalog.futureToleranceMs()).isEqualTo(300_000);
    var amount = new Measure("amount", 2, "currency");
    var order =
        new EventType(
            "order",
            new Duplicates.OverRetention(),
            List.of(amount, new Measure("items", 0, "")),
            List.of(new Dimension("category", 8)));
    var view = new EventType("view", new Duplicates.Recent(16), List.of(), List.of());
    assertThat(catalog.eventTypes()).containsExactly(order, view);
    assertThat(catalog.label()).isEqualTo(new Label(order, amount));
    assertThat(catalog.features())
        .extracting(Feature::meaning)
        .containsExactly(
            "count of order over 7d",
            "sum of order.amount over the lifetime",
            "days since the last order",
            "spend / recency");
    assertThat(catalog.features())
        .extracting(Feature::defaultValue)
        .containsExactly(0f, 0f, 40f, 0f);
  }

  @Test
  void readsAFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("c.yaml"), SMALL);

    assertThat(Catalog.load(file)).isEqualTo(Catalog.parse("c.yaml", SMALL));
  }

  @Test
  void hashIgnoresCommentsAndLayout() {
    String otherwise =
        SMALL
            .replace("entity: customer", "# who\n\nentity:   'customer'   # the buyer")
            .replace("{recent: 16}", "\n      recent: 16")
            .replace("view: {duplicates: \n", "view:\n    duplicates: \n")
            .replace("16}", "16");

    assertThat(Catalog.parse("other.yaml", otherwise).hash()).isEqualTo(hash(SMALL));
    assertThat(hash(SMALL)).matches("[0-9a-f]{64}");
  }

  @Test
  void hashChangesWithAllThatIsDefined() {
    assertThat(
            List.of(
                SMALL,
                SMALL.replace("entity: customer", "entity: shop"),
                SMALL.replace("retention: 40d", "retention: 41d"),
                SMALL.replace("5m", "6m"),
                SMALL.replace("max_values: 8", "max_values: 9"),
                SMALL.replace("recent: 16", "recent: 17"),
                SMALL.replace("decimals: 2", "decimals: 3"),
                SMALL.replace("unit: currency", "unit: euro"),
                SMALL.replace("name: orders_7d", "name: orders_week"),
                SMALL.replace("window: 7d", "window: 8d"),
                SMALL.replace("default: 40", "default: 41"),
                SMALL.replace("spend / recency", "orders_7d / recency"),
                SMALL.replace("label: {event: order, measure: amount}", ""),
                swapFirstTwoFeatures()))
        .extracting(CatalogTest::hash)
        .doesNotHaveDuplicates();
  }

  @Test
  void definitionIsOfTheMeaningAlone() {
    String orders = definition(SMALL, "orders_7d");

    assertThat(orders).matches("[0-9a-f]{16}");
    assertThat(definition(SMALL.replace("orders_7d", "o"), "o")).isEqualTo(orders);
    assertThat(definition(SMALL.replace("window: 7d}", "window: 7d, default: 1}"), "orders_7d"))
        .isEqualTo(orders);
    assertThat(definition(SMALL.replace("window: 7d", "window: 8d"), "orders_7d"))
        .isNotEqualTo(orders);
    assertThat(definition(SMALL.replace("count: order", "active_days: order"), "orders_7d"))
        .isNotEqualTo(orders);
    assertThat(definition(SMALL.replace("count: order", "count: view"), "orders_7d"))
        .isNotEqualTo(orders);
  }

  @Test
  void definitionKnowsTheDecimalsOfMeasuresAndBothPartsOfRatios() {
    String threeDecimals = SMALL.replace("decimals: 2", "decimals: 3");

    assertThat(definition(threeDecimals, "spend")).isNotEqualTo(definition(SMALL, "spend"));
    assertThat(definition(threeDecimals, "spend_per_recency"))
        .isNotEqualTo(definition(SMALL, "spend_per_recency"));
    assertThat(definition(threeDecimals, "recency")).isEqualTo(definition(SMALL, "recency"));
  }

  /** Models name what they were trained on by these; they must not change with a release. */
  @Test
  void definitionsStayWhatTheyAre() {
    assertThat(
            Catalog.retail().features().stream()
                .filter(feature -> Set.of("orders_30d", "return_rate").contains(feature.name()))
                .map(Feature::definition))
        .containsExactly("d56824255bc29b00", "d7abf3bc66c850ab");
  }

  @Test
  void listsEveryProblemWithItsLine() {
    String wrong =
        """
        entity: Customer
        retention: 40
        future_tolerance: soon
        colour: red
        events:
          order:
            duplicates: always
            measures: {amount: {decimals: 9}, items: {}}
            dimensions: {amount: {max_values: 0, size: 3}}
          view: {duplicates: {recent: 0}}
          view: {duplicates: retention}
          cart: nothing
        features:
          - {name: a, count: orders, window: 7d}
          - {name: b, sum: order.price, window: 7d}
          - {name: c, sum: order, window: 7d}
          - {name: d, count: order}
          - {name: e, recency: order, window: 7d}
          - {name: f, count: order, sum: order.amount, window: 7d}
          - {name: g, window: 7d}
          - {name: h, ratio: a / nobody}
          - {name: ok, count: order, window: 7d, default: many}
          - {name: as_of, count: order, window: 7d}
          - {name: label_x, count: order, window: 7d}
          - {name: z, count: order, window: 7d}
          - {name: z, count: view, window: 7d}
          - nonsense
        label: {event: order, measure: profit}
        """;

    assertThat(problems(wrong))
        .containsExactlyInAnyOrder(
            "c.yaml:1: catalog.entity: Customer (expected: a name of lower-case letters, digits and"
                + " _, at most 64, a letter first)",
            "c.yaml:2: catalog.retention: 40 (expected: days of at least 1d, such as 30d)",
            "c.yaml:3: catalog.future_tolerance: soon (expected: a duration such as 500ms, 30s, 5m,"
                + " 1h or 2d)",
            "c.yaml:4: catalog: unknown key colour",
            "c.yaml:6: events.order: two fields called amount",
            "c.yaml:7: events.order.duplicates: always (expected: retention, or {recent: number of"
                + " ids})",
            "c.yaml:8: events.order.amount.decimals: 9 (expected: a whole number from 0 to 6)",
            "c.yaml:8: events.order.items: decimals is missing",
            "c.yaml:9: events.order.amount.max_values: 0 (expected: a whole number from 1 to 1024)",
            "c.yaml:9: events.order.amount: unknown key size",
            "c.yaml:10: events.view.duplicates.recent: 0 (expected: a whole number from 1 to 4096)",
            "c.yaml:11: events: view stands twice",
            "c.yaml:12: events.cart: nothing (expected: a mapping)",
            "c.yaml:14: feature.count: orders (expected: one of order, view, cart)",
            "c.yaml:15: feature.sum: price (expected: one of amount, items)",
            "c.yaml:16: feature.sum: order (expected: an event type, a dot and its measure)",
            "c.yaml:17: feature: window is missing",
            "c.yaml:18: feature: unknown key window",
            "c.yaml:19: feature: a second operator sum (expected: one of active_days, count,"
                + " distinct, gap_max, gap_mean, gap_std, last, max, mean, min, ratio, recency,"
                + " sum, tenure)",
            "c.yaml:20: feature: no operator (expected: one of active_days, count, distinct,"
                + " gap_max, gap_mean, gap_std, last, max, mean, min, ratio, recency, sum, tenure)",
            "c.yaml:21: feature.ratio: a (expected: a feature that stands above and is no ratio)",
            "c.yaml:22: feature.default: many (expected: a number)",
            "c.yaml:23: feature.name: as_of is a column of snapshots (expected: another)",
            "c.yaml:24: feature.name: label_x is a column of snapshots (expected: another)",
            "c.yaml:26: feature: two features called z",
            "c.yaml:27: feature: nonsense (expected: a mapping)",
            "c.yaml:28: label.measure: profit (expected: one of amount, items)");
  }

  @Test
  void refusesAWindowBeyondTheRetention() {
    assertThat(problems(SMALL.replace("window: 7d", "window: 41d")))
        .containsExactly(
            "c.yaml:11: feature.window: 41d (expected: at most the retention of 40d, or lifetime)");
  }

  @Test
  void refusesARatioOfARatio() {
    String nested =
        SMALL.replace("label:", "  - {name: r, ratio: spend_per_recency / spend}\nlabel:");

    assertThat(problems(nested))
        .containsExactly(
            "c.yaml:15: feature.ratio: spend_per_recency (expected: a feature that stands above and"
                + " is no ratio)");
  }

  @Test
  void tellsTheLineOfASyntaxError() {
    assertThat(problems("entity: customer\nevents: [\n"))
        .singleElement()
        .asString()
        .startsWith("c.yaml:3: not YAML: ");
  }

  @Test
  void refusesAnEmptyFile() {
    assertThat(problems("# nothing\n")).containsExactly("c.yaml:1: nothing (expected: a catalog)");
  }

  @Test
  void putsAllProblemsIntoTheMessage() {
    assertThatThrownBy(() -> Catalog.parse("c.yaml", "entity: customer"))
        .isInstanceOf(CatalogException.class)
        .hasMessage(
            """
            The catalog is not valid:
            c.yaml:1: catalog: retention is missing
            c.yaml:1: catalog: future_tolerance is missing
            c.yaml:1: catalog: events is missing
            c.yaml:1: catalog: features is missing\
            """);
  }

  private static List<String> problems(String yaml) {
    CatalogException e =
        catchThrowableOfType(CatalogException.class, () -> Catalog.parse("c.yaml", yaml));
    return e.problems().stream().map(CatalogProblem::toString).toList();
  }

  private static String hash(String yaml) {
    return Catalog.parse("c.yaml", yaml).hash();
  }

  private static String definition(String yaml, String feature) {
    return Catalog.parse("c.yaml", yaml).feature(feature).orElseThrow().definition();
  }

  private static String swapFirstTwoFeatures() {
    String[] lines = SMALL.split("\n");
    String first = lines[10];
    lines[10] = lines[11];
    lines[11] = first;
    return String.join("\n", lines);
  }
}
