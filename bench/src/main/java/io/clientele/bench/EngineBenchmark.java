package io.clientele.bench;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.CustomerGroups;
import io.clientele.featurestore.engine.CustomerState;
import io.clientele.featurestore.engine.Event;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureReader;
import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.engine.FieldValue;
import io.clientele.featurestore.engine.GroupWrite;
import io.clientele.featurestore.engine.Outcome;
import io.clientele.featurestore.engine.PackedState;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one customer costs in the engine, with the catalog that ships: one order a week. And one
 * group.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class EngineBenchmark {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private static final int EMBEDDING = 16;
  private static final byte[] NO_EVENTS = {};
  private static final FeaturePlan GROUP =
      FeaturePlan.of(
          Catalog.parse(
              "profile.yaml",
              """
              entity: customer
              retention: 1d
              future_tolerance: 0s
              events: {}
              features: []
              groups:
                profile:
                  max_age: 30d
                  fields:
                    age_years: {type: number}
                    region: {type: label, vocabulary: [north, south]}
                    taste: {type: embedding, size: %d}
              """
                  .formatted(EMBEDDING)));

  /** Orders that the customer has. */
  @Param({"1", "10", "100"})
  public int orders;

  private final FeaturePlan plan = FeaturePlan.of(Catalog.retail());
  private final FeatureSelection all = plan.all();
  private final FeatureReader reader = all.newReader();
  private final ByteBuffer values = ByteBuffer.allocate(all.rowBytes());
  private final ByteBuffer presence = ByteBuffer.allocate(all.presenceBytes());
  private final FeatureReader groupReader = GROUP.all().newReader();
  private final byte[][] profile = {writeProfile()};
  private CustomerState unpacked = CustomerState.empty(plan);
  private PackedState packed = unpacked.encode();
  private Event next = order(0);

  @Setup
  public void fill() {
    CustomerState state = CustomerState.empty(plan);
    for (int i = 1; i <= orders; i++) {
      state.fold(order(i), NOW.toEpochMilli());
    }
    unpacked = state;
    packed = state.encode();
    next = order(0);
  }

  /** From the bytes of the state to a row of every feature. */
  @Benchmark
  public ByteBuffer readRow() {
    reader.read(packed.summary(), NOW.toEpochMilli(), values, 0, presence, 0);
    return values;
  }

  /** From the bytes of a group to a row of its features: two numbers and an embedding. */
  @Benchmark
  public ByteBuffer readGroup() {
    groupReader.read(NO_EVENTS, profile, NOW.toEpochMilli(), values, 0, presence, 0);
    return values;
  }

  /** From the bytes of the state to the state. */
  @Benchmark
  public CustomerState unpack() {
    return CustomerState.decode(plan, packed.summary(), packed.ledger(), packed.tail());
  }

  /** From the state to its bytes. */
  @Benchmark
  public PackedState pack() {
    return unpacked.encode();
  }

  /** From bytes to bytes: unpack, fold one order, pack. */
  @Benchmark
  public PackedState foldOrder() {
    CustomerState state =
        CustomerState.decode(plan, packed.summary(), packed.ledger(), packed.tail());
    Outcome outcome = state.fold(next, NOW.toEpochMilli());
    if (outcome.refusal() != null) {
      throw new IllegalStateException(outcome.toString());
    }
    return state.update();
  }

  private static byte[] writeProfile() {
    var groups = new CustomerGroups(GROUP, Map.of("profile", NO_EVENTS));
    Map<String, FieldValue> values =
        Map.of(
            "age_years",
            new FieldValue.Numeric(31),
            "region",
            new FieldValue.Label("south"),
            "taste",
            new FieldValue.Embedding(Collections.nCopies(EMBEDDING, 0.5f)));
    long nowMs = NOW.toEpochMilli();
    groups.fold((GroupWrite) GROUP.groupDecoder().decode("profile", nowMs, values, "bench"), nowMs);
    return groups.changed().getOrDefault("profile", NO_EVENTS);
  }

  private Event order(int weeksAgo) {
    return (Event)
        plan.decoder()
            .decode(
                "order",
                "order-" + weeksAgo,
                NOW.minus(Duration.ofDays(7L * weeksAgo)).toEpochMilli(),
                Map.of("amount", 20.0 + weeksAgo, "items", 2.0),
                Map.of("category", List.of("category-" + weeksAgo % 5)));
  }
}
