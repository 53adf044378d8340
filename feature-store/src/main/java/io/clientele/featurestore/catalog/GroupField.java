package io.clientele.featurestore.catalog;

/**
 * A value of a group, which is one feature or, for an embedding, several.
 *
 * @param name unique within the group; also that of its feature, or what its features' names begin
 *     with
 * @param defaultValue what stands in for each of its features where it is missing
 */
public record GroupField(String name, FieldType type, float defaultValue) {
  /** The name of one of its features. */
  String feature(int element) {
    return type instanceof FieldType.Embedding ? name + "_" + element : name;
  }

  String canonical() {
    return name + " " + type.canonical();
  }
}
