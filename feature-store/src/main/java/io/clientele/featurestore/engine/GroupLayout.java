package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clientele.featurestore.catalog.FeatureGroup;
import io.clientele.featurestore.catalog.FieldType;
import io.clientele.featurestore.catalog.GroupField;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How one group lies in its packed values: its fields by place.
 *
 * @param index of the group in its plan
 * @param fingerprint marks packed values; 64 bits over all that their form depends on
 * @param size how many values it has
 * @param slots by the names of fields
 */
record GroupLayout(
    int index, FeatureGroup group, long fingerprint, int size, Map<String, Slot> slots) {
  /**
   * Where a field's values are.
   *
   * @param start the place of the first
   * @param places of the words of a label; empty for other types
   */
  record Slot(GroupField field, int start, Map<String, Integer> places) {}

  static GroupLayout of(int index, FeatureGroup group) {
    Map<String, Slot> slots = new LinkedHashMap<>();
    int start = 0;
    for (GroupField field : group.fields()) {
      Map<String, Integer> places =
          field.type() instanceof FieldType.Label label ? label.places() : Map.of();
      slots.put(field.name(), new Slot(field, start, places));
      start += field.type().size();
    }
    long fingerprint = EventId.of(("group 1 " + group.canonical()).getBytes(UTF_8)).high();
    return new GroupLayout(index, group, fingerprint, start, slots);
  }

  String name() {
    return group.name();
  }

  /** The place of a field's value. */
  int place(String field, int element) {
    Slot slot = slots.get(field);
    if (slot == null) {
      throw new IllegalArgumentException("group " + name() + " has no field " + field);
    }
    return slot.start() + element;
  }
}
