package io.clientele.bench.memory;

import io.clientele.featurestore.engine.FeaturePlan;
import java.net.URI;

/** The layouts that are compared. */
enum LayoutKind {
  CLIENTELE("Clientele", PackedLayout.STATE_KEYS) {
    @Override
    Layout open(URI redis, FeaturePlan plan, long nowMs) {
      return new PackedLayout(redis, plan, nowMs);
    }
  },
  FEAST("a field a feature, as Feast", FieldForm.FEAST.keys()) {
    @Override
    Layout open(URI redis, FeaturePlan plan, long nowMs) {
      return new FieldLayout(FieldForm.FEAST, redis, plan, nowMs);
    }
  },
  PLAIN("a field a feature, names and text", FieldForm.PLAIN.keys()) {
    @Override
    Layout open(URI redis, FeaturePlan plan, long nowMs) {
      return new FieldLayout(FieldForm.PLAIN, redis, plan, nowMs);
    }
  };

  private final String title;
  private final String keys;

  LayoutKind(String title, String keys) {
    this.title = title;
    this.keys = keys;
  }

  String title() {
    return title;
  }

  /** Which keys hold customers, as SCAN matches them. */
  String keys() {
    return keys;
  }

  /**
   * @param nowMs the moment of all writes and reads, in milliseconds since 1970 UTC
   */
  abstract Layout open(URI redis, FeaturePlan plan, long nowMs);
}
