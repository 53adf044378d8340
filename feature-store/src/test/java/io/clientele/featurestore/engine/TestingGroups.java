package io.clientele.featurestore.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/** A small catalog with groups, and writes and rows of it. */
final class TestingGroups {
  static final String YAML =
      """
      entity: customer
      retention: 40d
      future_tolerance: 5m
      events:
        order:
          duplicates: retention
          measures: {amount: {decimals: 2}}
      features:
        - {name: orders_7d, count: order, window: 7d}
        - {name: spend, sum: order.amount, window: lifetime}
        - {name: recency, recency: order, default: 99}
      groups:
        profile:
          max_age: 30d
          fields:
            age_years: {type: number, default: 40}
            region: {type: label, vocabulary: [north, south, east, west], default: -1}
            taste: {type: embedding, size: 9}
        consent:
          fields:
            mails: {type: label, vocabulary: [no, yes]}
      """;

  static final FeaturePlan PLAN = TestingShop.plan(YAML);

  private TestingGroups() {}

  static GroupWrite profile(long timeMs, Map<String, FieldValue> values) {
    return write(PLAN, "profile", timeMs, values, "crm");
  }

  static GroupWrite age(long timeMs, double years) {
    return profile(timeMs, Map.of("age_years", new FieldValue.Numeric(years)));
  }

  static GroupWrite mails(long timeMs, String word) {
    return write(PLAN, "consent", timeMs, Map.of("mails", new FieldValue.Label(word)), "");
  }

  static GroupWrite write(
      FeaturePlan plan, String group, long timeMs, Map<String, FieldValue> values, String source) {
    return switch (plan.groupDecoder().decode(group, timeMs, values, source)) {
      case GroupWrite write -> write;
      case Refusal refusal -> throw new AssertionError(refusal);
    };
  }

  static FieldValue taste(float first) {
    return new FieldValue.Embedding(List.of(first, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f));
  }

  /** No values of any group. */
  static byte[][] none() {
    return new byte[][] {{}, {}};
  }

  /** What a customer's groups come to after these writes, all folded at one moment. */
  static byte[][] packed(long nowMs, GroupWrite... writes) {
    CustomerGroups groups = groups(PLAN, none());
    for (GroupWrite write : writes) {
      groups.fold(write, nowMs);
    }
    return packed(groups);
  }

  static CustomerGroups groups(FeaturePlan plan, byte[][] stored) {
    return new CustomerGroups(plan, Map.of("profile", stored[0], "consent", stored[1]));
  }

  /** What these writes have left of a customer without any. */
  static byte[][] packed(CustomerGroups groups) {
    return new byte[][] {
      groups.changed().getOrDefault("profile", new byte[0]),
      groups.changed().getOrDefault("consent", new byte[0])
    };
  }

  /** The features at a moment by name; missing ones are null. */
  static Map<String, Float> read(byte[] summary, byte[][] groups, long asOfMs) {
    FeatureSelection all = PLAN.all();
    return read(all, all.newReader(), summary, groups, asOfMs);
  }

  static Map<String, Float> read(
      FeatureSelection selection,
      FeatureReader reader,
      byte[] summary,
      byte[][] groups,
      long asOfMs) {
    ByteBuffer values = ByteBuffer.allocate(selection.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocate(selection.presenceBytes());
    reader.read(summary, groups, asOfMs, values, 0, presence, 0);
    return TestingShop.byName(selection, values, presence);
  }
}
