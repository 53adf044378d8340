package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clientele.featurestore.catalog.Dimension;
import io.clientele.featurestore.catalog.EventType;
import io.clientele.featurestore.catalog.Measure;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a caller's event and brings it into the form that is folded. Thread-safe.
 *
 * <p>All measures of the type are wanted, all dimensions optional, unknown ones refused.
 */
public final class EventDecoder {
  /** Of a customer's or an event's id, in UTF-8. */
  public static final int MAX_ID_BYTES = 256;

  /** Of one label, in UTF-8. */
  public static final int MAX_LABEL_BYTES = 128;

  /** Labels of one event in one dimension. */
  public static final int MAX_LABELS = 256;

  private final Map<String, EventLayout> layouts;

  EventDecoder(List<EventLayout> layouts) {
    this.layouts =
        layouts.stream().collect(Collectors.toUnmodifiableMap(EventLayout::name, l -> l));
  }

  /** Why a text cannot be a customer's id, if so. */
  public static Optional<Refusal> checkCustomerId(String id) {
    return Optional.ofNullable(checkText("customer_id", id, id.getBytes(UTF_8), MAX_ID_BYTES));
  }

  /**
   * Decodes one event.
   *
   * @param timeMs when it happened, in milliseconds since 1970 UTC
   * @return an {@link Event}, or a {@link Refusal} with the first thing that is wrong
   */
  public Decoded decode(
      String type,
      String id,
      long timeMs,
      Map<String, Double> measures,
      Map<String, ? extends List<String>> dimensions) {
    EventLayout layout = layouts.get(type);
    if (layout == null) {
      return Refusal.of("type", type, "one of " + names(layouts.keySet()));
    }
    byte[] idBytes = id.getBytes(UTF_8);
    Refusal refusal = checkText("event_id", id, idBytes, MAX_ID_BYTES);
    if (refusal == null) {
      refusal = checkMeasureNames(measures.keySet(), layout.type());
    }
    if (refusal == null) {
      refusal = checkDimensionNames(dimensions.keySet(), layout.type());
    }
    long[] units = new long[layout.measureCount()];
    for (int m = 0; refusal == null && m < units.length; m++) {
      Measure measure = layout.measures().get(m);
      Double value = measures.get(measure.name());
      refusal = checkMeasure(measure, value);
      if (refusal == null && value != null) {
        units[m] = Decimals.units(value, measure.decimals());
      }
    }
    String[][] labels = new String[layout.dimensionCount()][];
    for (int d = 0; refusal == null && d < labels.length; d++) {
      String name = layout.dimensions().get(d).name();
      List<String> values = dimensions.get(name);
      refusal = values == null ? null : checkLabels("dimensions." + name, values);
      labels[d] =
          values == null || values.isEmpty()
              ? Event.NO_LABELS
              : new TreeSet<>(values).toArray(Event.NO_LABELS);
    }
    return refusal != null
        ? refusal
        : new Event(layout, new Event.Key(timeMs, EventId.of(idBytes)), units, labels);
  }

  /**
   * Decodes a cancellation: the event did not happen.
   *
   * @param correctedMs when that was found, in milliseconds since 1970 UTC
   * @return a {@link Correction}, or a {@link Refusal} with the first thing that is wrong
   */
  public Decoded decodeCancellation(String type, String id, long correctedMs) {
    EventLayout layout = layouts.get(type);
    if (layout == null) {
      return Refusal.of("type", type, "one of " + names(layouts.keySet()));
    }
    byte[] idBytes = id.getBytes(UTF_8);
    Refusal refusal = checkCorrectable(layout);
    if (refusal == null) {
      refusal = checkText("event_id", id, idBytes, MAX_ID_BYTES);
    }
    return refusal != null ? refusal : Correction.cancel(layout, EventId.of(idBytes), correctedMs);
  }

  /**
   * Decodes an amendment: the event was as it is said now.
   *
   * @param amended what {@link #decode} made of the event as it was in truth
   * @param correctedMs as above
   * @return as above
   */
  public Decoded decodeAmendment(Decoded amended, long correctedMs) {
    if (!(amended instanceof Event event)) {
      return amended;
    }
    Refusal refusal = checkCorrectable(event.layout());
    return refusal != null ? refusal : Correction.amend(event, correctedMs);
  }

  private @Nullable Refusal checkCorrectable(EventLayout layout) {
    if (layout.keepsEvents()) {
      return null;
    }
    List<String> keeping =
        layouts.values().stream().filter(EventLayout::keepsEvents).map(EventLayout::name).toList();
    return Refusal.of(
        "correction",
        "of " + layout.name() + ", whose events are not kept",
        keeping.isEmpty() ? "none" : "of one of " + names(keeping));
  }

  private static @Nullable Refusal checkMeasureNames(Set<String> names, EventType type) {
    for (String name : names) {
      if (type.measure(name).isEmpty()) {
        return unknown("measures." + name, type.measures().stream().map(Measure::name).toList());
      }
    }
    return null;
  }

  private static @Nullable Refusal checkDimensionNames(Set<String> names, EventType type) {
    for (String name : names) {
      if (type.dimension(name).isEmpty()) {
        return unknown(
            "dimensions." + name, type.dimensions().stream().map(Dimension::name).toList());
      }
    }
    return null;
  }

  private static Refusal unknown(String field, List<String> known) {
    return Refusal.of(field, "unknown", known.isEmpty() ? "none" : "one of " + names(known));
  }

  private static @Nullable Refusal checkMeasure(Measure measure, @Nullable Double value) {
    String field = "measures." + measure.name();
    if (value == null) {
      return Refusal.of(field, "missing", "a finite number");
    }
    if (!Double.isFinite(value)) {
      return Refusal.of(field, value, "a finite number");
    }
    double max = Decimals.max(measure.decimals());
    return Math.abs(value) <= max ? null : Refusal.of(field, value, "from -" + max + " to " + max);
  }

  private static @Nullable Refusal checkLabels(String field, List<String> values) {
    if (values.size() > MAX_LABELS) {
      return Refusal.of(field, values.size() + " labels", "at most " + MAX_LABELS);
    }
    for (String value : values) {
      Refusal refusal = checkText(field, value, value.getBytes(UTF_8), MAX_LABEL_BYTES);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }

  private static @Nullable Refusal checkText(String field, String text, byte[] utf8, int max) {
    if (utf8.length >= 1 && utf8.length <= max) {
      return null;
    }
    String offending =
        utf8.length == 0
            ? "empty"
            : utf8.length + " bytes, " + text.substring(0, Math.min(32, text.length())) + "…";
    return Refusal.of(field, offending, "1 to " + max + " bytes of UTF-8");
  }

  private static String names(Iterable<String> names) {
    var sorted = new TreeSet<String>();
    names.forEach(sorted::add);
    return String.join(", ", sorted);
  }
}
