package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingShop.DAY_0;
import static io.clientele.featurestore.engine.TestingShop.PLAN;
import static io.clientele.featurestore.engine.TestingShop.order;
import static io.clientele.featurestore.engine.TestingShop.read;
import static io.clientele.featurestore.engine.TestingShop.state;
import static io.clientele.featurestore.engine.TestingShop.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.featurestore.engine.CustomerDescription.Presence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FeatureReaderTest {
  private static final long HOUR = 3_600_000;
  private static final long NOON = DAY_0 + 12 * HOUR;

  @Test
  void movesWindowsAtUtcMidnight() {
    var state = state(NOON, order("a", NOON, 10));
    long leaves = DAY_0 + 7 * Days.MS;

    assertThat(read(state, leaves - 1)).containsEntry("orders_7d", 1f);
    assertThat(read(state, leaves)).containsEntry("orders_7d", 0f);
    assertThat(read(state, DAY_0 + Days.MS - 1)).containsEntry("orders_1d", 1f);
    assertThat(read(state, DAY_0 + Days.MS)).containsEntry("orders_1d", 0f);
  }

  @Test
  void separatesTheDaysAtUtcMidnight() {
    long midnight = DAY_0 + Days.MS;
    var state = state(midnight, order("a", midnight - 1, 1), order("b", midnight, 2));

    assertThat(read(state, midnight))
        .containsEntry("orders_1d", 1f)
        .containsEntry("order_days", 2f)
        .containsEntry("gap_mean", 1f)
        .containsEntry("gap_std", 0f);
  }

  @Test
  void tellsTimesInFractionsOfDays() {
    var state = state(NOON, order("a", NOON - 36 * HOUR, 1), order("b", NOON, 1));

    assertThat(read(state, NOON + 6 * HOUR))
        .containsEntry("recency", 0.25f)
        .containsEntry("tenure", 1.75f);
  }

  @Test
  void marksWhatHasNothingBehindItAsMissing() {
    var state = state(NOON, order("a", NOON, 10));

    assertThat(read(state, NOON + 8 * Days.MS))
        .containsEntry("orders_7d", 0f)
        .containsEntry("spend_7d", 0f)
        .containsEntry("value_mean_7d", null)
        .containsEntry("value_max_7d", null)
        .containsEntry("value_mean", 10f)
        .containsEntry("gap_mean", null)
        .containsEntry("gap_std", null)
        .containsEntry("gap_max", null)
        .containsEntry("lateness", null)
        .containsEntry("since_view", null)
        .containsEntry("orders_per_view_7d", null);
  }

  @Test
  void writesTheDefaultWhereAFeatureIsMissing() {
    FeatureSelection selection = PLAN.select(List.of("recency", "orders"));
    ByteBuffer values = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocate(1);

    selection.newReader().readUnknown(values, 0, presence, 0);

    assertThat(values.getFloat(0)).isEqualTo(99f);
    assertThat(values.getFloat(4)).isEqualTo(0f);
    assertThat(presence.get(0)).isEqualTo((byte) 0b10);
  }

  @Test
  void readsAnUnknownCustomerAsOneWithoutEvents() {
    ByteBuffer values = ByteBuffer.allocate(PLAN.all().rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocate(PLAN.all().presenceBytes());
    FeatureReader reader = PLAN.all().newReader();
    reader.read(state(NOON, order("a", NOON, 1)), NOON, values, 0, presence, 0);

    reader.readUnknown(values, 0, presence, 0);

    assertThat(TestingShop.byName(PLAN.all(), values, presence))
        .isEqualTo(read(CustomerState.empty(PLAN), NOON));
  }

  @Test
  void writesLittleEndianRowsAtAnyOffsetOfAnyBuffer() {
    FeatureSelection selection = PLAN.select(List.of("spend", "gap_mean", "spend"));
    byte[] summary = state(NOON, order("a", NOON, 1.5)).encode().summary();
    ByteBuffer values = ByteBuffer.allocateDirect(32).order(ByteOrder.BIG_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocateDirect(3);
    for (int i = 0; i < 32; i++) {
      values.put(i, (byte) 7);
    }

    selection.newReader().read(summary, NOON, values, 9, presence, 2);

    assertThat(values.position()).isZero();
    assertThat(values.get(8)).isEqualTo((byte) 7);
    assertThat(values.get(21)).isEqualTo((byte) 7);
    values.order(ByteOrder.LITTLE_ENDIAN);
    assertThat(values.getFloat(9)).isEqualTo(1.5f);
    assertThat(values.getFloat(13)).isEqualTo(40f);
    assertThat(values.getFloat(17)).isEqualTo(1.5f);
    assertThat(presence.get(0)).isZero();
    assertThat(presence.get(2)).isEqualTo((byte) 0b101);
  }

  @Test
  void readsASelectionAsItReadsAll() {
    var state = state(NOON, order("a", NOON, 1.5, "x"), view("v", NOON - HOUR, "home"));
    var all = read(state, NOON);

    for (String name : PLAN.all().names()) {
      assertThat(read(PLAN.select(List.of(name)), state.encode().summary(), NOON))
          .containsEntry(name, all.get(name));
    }
  }

  @Test
  void refusesToSelectUnknownFeatures() {
    assertThatThrownBy(() -> PLAN.select(List.of("spend", "x", "y")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown features: x, y");
  }

  @Test
  void answersForTheClockOfTheStateWhenAskedForEarlier() {
    var state = state(NOON, order("a", NOON, 1));

    assertThat(read(state, NOON - 20)).isEqualTo(read(state, NOON));
  }

  @Test
  void describesACustomer() {
    var state = state(NOON, order("a", NOON - HOUR, 1.5), order("b", NOON - Days.MS, 2));

    CustomerDescription description = PLAN.describe(state.encode().summary(), new byte[0][], NOON);

    assertThat(description.asOfMs()).isEqualTo(NOON);
    assertThat(description.eventTypes())
        .containsExactly(
            new CustomerDescription.EventSummary("order", 2, NOON - Days.MS, NOON - HOUR));
    assertThat(feature(description, "spend").value()).isEqualTo(3.5f);
    assertThat(feature(description, "spend").presence()).isEqualTo(Presence.PRESENT);
    assertThat(feature(description, "spend").origin())
        .isEqualTo("2 order events, 1997-05-18 to 1997-05-19");
    assertThat(feature(description, "orders_1d").origin())
        .isEqualTo("1 order event since 1997-05-19, the last on 1997-05-19");
    assertThat(feature(description, "views_7d").origin())
        .isEqualTo("no view event since 1997-05-13");
    assertThat(feature(description, "lateness").origin())
        .isEqualTo(
            "2 order events, 1997-05-18 to 1997-05-19 / 2 order events, 1997-05-18 to 1997-05-19");
    assertThat(feature(description, "spend").ageMs()).isEqualTo(OptionalLong.of(HOUR));
    assertThat(feature(description, "lateness").ageMs()).isEqualTo(OptionalLong.of(HOUR));
    assertThat(feature(description, "orders_per_view_7d").presence()).isEqualTo(Presence.MISSING);
    assertThat(feature(description, "orders_per_view_7d").ageMs()).isEqualTo(OptionalLong.of(HOUR));
    assertThat(feature(description, "views").ageMs()).isEmpty();
    assertThat(
            feature(
                    PLAN.describe(state.encode().summary(), new byte[0][], NOON + 9 * Days.MS),
                    "orders_7d")
                .ageMs())
        .isEmpty();
  }

  private static CustomerDescription.FeatureValue feature(
      CustomerDescription description, String name) {
    return description.features().stream()
        .filter(value -> value.feature().name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
