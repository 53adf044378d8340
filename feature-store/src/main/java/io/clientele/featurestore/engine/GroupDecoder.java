package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clientele.featurestore.catalog.FieldType;
import io.clientele.featurestore.catalog.GroupField;
import io.clientele.featurestore.engine.GroupLayout.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a caller's write of a group and brings it into the form that is folded. Thread-safe.
 *
 * <p>No field is required, unknown ones are refused.
 */
public final class GroupDecoder {
  private static final int NAMES_SHOWN = 16;
  private static final int CHARACTERS_SHOWN = 32;

  private final Map<String, GroupLayout> layouts = new LinkedHashMap<>();

  GroupDecoder(List<GroupLayout> layouts) {
    layouts.forEach(layout -> this.layouts.put(layout.name(), layout));
  }

  /** Why a text cannot be the name of who sends, if so. */
  public static Optional<Refusal> checkSource(String source) {
    int bytes = source.getBytes(UTF_8).length;
    return bytes <= PackedGroup.MAX_SOURCE_BYTES
        ? Optional.empty()
        : Optional.of(
            Refusal.of(
                "source",
                bytes + " bytes, " + shown(source),
                "at most " + PackedGroup.MAX_SOURCE_BYTES + " bytes of UTF-8"));
  }

  /**
   * Decodes one write.
   *
   * @param timeMs when the values were true, in milliseconds since 1970 UTC
   * @param values by the names of fields
   * @param source as {@link #checkSource} wants it
   * @return a {@link GroupWrite}, or a {@link Refusal} with the first thing that is wrong
   */
  public DecodedWrite decode(
      String group, long timeMs, Map<String, FieldValue> values, String source) {
    GroupLayout layout = layouts.get(group);
    if (layout == null) {
      return Refusal.of("group", shown(group), oneOf(layouts.keySet()));
    }
    var row = new Row(layout.size());
    for (Map.Entry<String, FieldValue> value : values.entrySet()) {
      Slot slot = layout.slots().get(value.getKey());
      Refusal refusal =
          slot == null
              ? Refusal.of(
                  "values." + shown(value.getKey()), "unknown", oneOf(layout.slots().keySet()))
              : put(row, slot, value.getValue());
      if (refusal != null) {
        return refusal;
      }
    }
    return new GroupWrite(layout, timeMs, source, row.bytes);
  }

  private static @Nullable Refusal put(Row row, Slot slot, FieldValue value) {
    GroupField field = slot.field();
    String name = "values." + field.name();
    return switch (field.type()) {
      case FieldType.Numeric _ ->
          value instanceof FieldValue.Numeric number
              ? number(row, slot.start(), name, number.value())
              : Refusal.of(name, value.kind(), "a number");
      case FieldType.Label _ ->
          value instanceof FieldValue.Label label
              ? label(row, slot, name, label.word())
              : Refusal.of(name, value.kind(), "a label");
      case FieldType.Embedding embedding ->
          value instanceof FieldValue.Embedding numbers
              ? embedding(row, slot, name, numbers.values(), embedding.size())
              : Refusal.of(name, value.kind(), "an embedding of " + embedding.size());
    };
  }

  private static @Nullable Refusal number(Row row, int place, String name, double value) {
    if (!Double.isFinite(value)) {
      return Refusal.of(name, value, "a finite number");
    }
    if (Math.abs(value) > Float.MAX_VALUE) {
      return Refusal.of(name, value, "from -" + Float.MAX_VALUE + " to " + Float.MAX_VALUE);
    }
    row.put(place, (float) value);
    return null;
  }

  private static @Nullable Refusal label(Row row, Slot slot, String name, String word) {
    Integer place = slot.places().get(word);
    if (place == null) {
      return Refusal.of(
          name,
          word.isEmpty() ? "empty" : shown(word),
          oneOf(((FieldType.Label) slot.field().type()).vocabulary()));
    }
    row.put(slot.start(), place);
    return null;
  }

  private static @Nullable Refusal embedding(
      Row row, Slot slot, String name, List<Float> values, int size) {
    if (values.size() != size) {
      return Refusal.of(name, values.size() + " numbers", size + " of them");
    }
    for (int i = 0; i < size; i++) {
      float value = values.get(i);
      if (!Float.isFinite(value)) {
        return Refusal.of(name + "[" + i + "]", value, "a finite number");
      }
      row.put(slot.start() + i, value);
    }
    return null;
  }

  private static String oneOf(Collection<String> names) {
    if (names.isEmpty()) {
      return "none";
    }
    String first = names.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "));
    int more = names.size() - NAMES_SHOWN;
    return "one of " + first + (more > 0 ? " and " + more + " more" : "");
  }

  private static String shown(String text) {
    return text.length() <= CHARACTERS_SHOWN ? text : text.substring(0, CHARACTERS_SHOWN) + "…";
  }

  /** Presence bits and values as they are packed. */
  private static final class Row {
    private final byte[] bytes;
    private final ByteBuffer floats;
    private final int presenceBytes;

    Row(int size) {
      presenceBytes = PackedGroup.presenceBytes(size);
      bytes = new byte[PackedGroup.valueBytes(size)];
      floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    void put(int place, float value) {
      bytes[place >> 3] |= (byte) (1 << (place & 7));
      floats.putFloat(presenceBytes + place * Float.BYTES, value);
    }
  }
}
