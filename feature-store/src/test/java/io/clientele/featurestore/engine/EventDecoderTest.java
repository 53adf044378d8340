package io.clientele.featurestore.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventDecoderTest {
  private static final Map<String, Double> GOOD = Map.of("amount", 9.99, "items", 2.0);

  @Test
  void roundsMeasuresHalfToEvenToTheDeclaredDecimals() {
    assertThat(units(0.005)).isEqualTo(0);
    assertThat(units(0.015)).isEqualTo(2);
    assertThat(units(1.005)).isEqualTo(100);
    assertThat(units(1.015)).isEqualTo(102);
    assertThat(units(-1.015)).isEqualTo(-102);
    assertThat(units(19.99)).isEqualTo(1999);
    assertThat(units(-0.0)).isEqualTo(0);
    assertThat(units(1e10)).isEqualTo(1_000_000_000_000L);
  }

  @Test
  void tellsAMeasureAsItIsCounted() {
    assertThat(TestingShop.order("a", 0, 12.345).measure("amount")).isEqualTo(12.34);
  }

  @Test
  void refusesAnUnknownType() {
    assertThat(decode("refund", "a", GOOD, Map.of()))
        .isEqualTo(new Refusal("type", "refund (expected: one of order, view)"));
  }

  @Test
  void refusesAnEmptyOrOverlongId() {
    assertThat(decode("order", "", GOOD, Map.of()))
        .isEqualTo(new Refusal("event_id", "empty (expected: 1 to 256 bytes of UTF-8)"));
    assertThat(decode("order", "é".repeat(129), GOOD, Map.of()))
        .extracting(d -> ((Refusal) d).message())
        .asString()
        .startsWith("258 bytes, ééé");
    assertThat(decode("order", "é".repeat(128), GOOD, Map.of())).isInstanceOf(Event.class);
  }

  @Test
  void refusesMeasuresThatAreMissingUnknownNotFiniteOrOutOfRange() {
    assertThat(decode("order", "a", Map.of("amount", 1.0), Map.of()))
        .isEqualTo(new Refusal("measures.items", "missing (expected: a finite number)"));
    assertThat(decode("order", "a", Map.of("amount", 1.0, "price", 1.0), Map.of()))
        .isEqualTo(new Refusal("measures.price", "unknown (expected: one of amount, items)"));
    assertThat(decode("order", "a", Map.of("amount", Double.NaN, "items", 1.0), Map.of()))
        .isEqualTo(new Refusal("measures.amount", "NaN (expected: a finite number)"));
    assertThat(decode("order", "a", Map.of("amount", -1e300, "items", 1.0), Map.of()))
        .isEqualTo(new Refusal("measures.amount", "-1.0E300 (expected: from -1.0E10 to 1.0E10)"));
    assertThat(decode("view", "a", Map.of("amount", 1.0), Map.of()))
        .isEqualTo(new Refusal("measures.amount", "unknown (expected: one of seconds)"));
  }

  @Test
  void refusesUnknownDimensionsAndBadLabels() {
    assertThat(decode("order", "a", GOOD, Map.of("colour", List.of("red"))))
        .isEqualTo(new Refusal("dimensions.colour", "unknown (expected: one of category)"));
    assertThat(decode("order", "a", GOOD, Map.of("category", List.of("ok", ""))))
        .isEqualTo(new Refusal("dimensions.category", "empty (expected: 1 to 128 bytes of UTF-8)"));
    assertThat(decode("order", "a", GOOD, Map.of("category", Collections.nCopies(257, "x"))))
        .isEqualTo(new Refusal("dimensions.category", "257 labels (expected: at most 256)"));
  }

  @Test
  void takesLabelsAsASet() {
    Event event = TestingShop.order("a", 0, 1, "toys", "books", "toys");

    assertThat(event.labels()[0]).containsExactly("books", "toys");
    assertThat(TestingShop.order("a", 0, 1).labels()[0]).isEmpty();
  }

  @Test
  void checksCustomerIds() {
    assertThat(EventDecoder.checkCustomerId("alice")).isEmpty();
    assertThat(EventDecoder.checkCustomerId(""))
        .contains(new Refusal("customer_id", "empty (expected: 1 to 256 bytes of UTF-8)"));
  }

  private static long units(double amount) {
    return TestingShop.order("a", 0, amount).measures()[0];
  }

  private static Decoded decode(
      String type, String id, Map<String, Double> measures, Map<String, List<String>> dimensions) {
    return TestingShop.PLAN.decoder().decode(type, id, 0, measures, dimensions);
  }
}
