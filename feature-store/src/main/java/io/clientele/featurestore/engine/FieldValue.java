package io.clientele.featurestore.engine;

import java.util.List;

/** A value of a field of a group, as a caller gives it. */
public sealed interface FieldValue {
  /** Of a field of type number. */
  record Numeric(double value) implements FieldValue {
    @Override
    public String kind() {
      return "a number";
    }
  }

  /** Of a field of type label. */
  record Label(String word) implements FieldValue {
    @Override
    public String kind() {
      return "a label";
    }
  }

  /** Of a field of type embedding. The list is not copied. */
  record Embedding(List<Float> values) implements FieldValue {
    @Override
    public String kind() {
      return "an embedding";
    }
  }

  /** None of them. */
  record Nothing() implements FieldValue {
    @Override
    public String kind() {
      return "nothing";
    }
  }

  /** What it is, for a human. */
  String kind();
}
