package io.clientele.featurestore.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of a customer and which features follow from it.
 *
 * @param entity whose features they are, such as {@code customer}
 * @param retentionDays how many UTC days back, today not counted, events are still taken
 * @param futureToleranceMs how far ahead of the clock an event may be
 * @param eventTypes in the order of the file
 * @param features in the order of the file, which is the order of columns; those of groups last
 * @param groups in the order of the file
 * @param label what training labels are made of, if the catalog says so
 */
public record Catalog(
    String entity,
    int retentionDays,
    long futureToleranceMs,
    List<EventType> eventTypes,
    List<Feature> features,
    List<FeatureGroup> groups,
    @Nullable Label label) {
  private static final String RETAIL = "retail.yaml";

  public Catalog {
    eventTypes = List.copyOf(eventTypes);
    features = List.copyOf(features);
    groups = List.copyOf(groups);
  }

  /** The catalog that ships: orders, returns, views and carts of a shop. */
  public static Catalog retail() {
    try (InputStream in =
        Objects.requireNonNull(Catalog.class.getResourceAsStream(RETAIL), RETAIL)) {
      return parse(RETAIL, new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a catalog from a file.
   *
   * @throws IOException if the file cannot be read
   * @throws CatalogException with every problem, if it is not a catalog
   */
  public static Catalog load(Path file) throws IOException {
    return parse(file.toString(), Files.readString(file));
  }

  /**
   * Reads a catalog from YAML.
   *
   * @param file names the text in problems
   * @throws CatalogException with every problem, if it is not a catalog
   */
  public static Catalog parse(String file, String yaml) {
    return new CatalogParser(file).parse(yaml);
  }

  /** The event type of that name. */
  public Optional<EventType> eventType(String name) {
    return eventTypes.stream().filter(type -> type.name().equals(name)).findFirst();
  }

  /** The feature of that name. */
  public Optional<Feature> feature(String name) {
    return features.stream().filter(feature -> feature.name().equals(name)).findFirst();
  }

  /** The group of that name. */
  public Optional<FeatureGroup> group(String name) {
    return groups.stream().filter(group -> group.name().equals(name)).findFirst();
  }

  /**
   * SHA-256, 64 hex digits, of all that the catalog defines: names, order, windows, defaults.
   * Comments and layout of the file are no part of it.
   */
  public String hash() {
    var text = new StringBuilder("catalog 1\n");
    text.append("entity ").append(entity).append('\n');
    text.append("retention ").append(retentionDays).append('\n');
    text.append("future_tolerance ").append(futureToleranceMs).append('\n');
    for (EventType type : eventTypes) {
      text.append("event ").append(type.canonical());
      type.measures().forEach(measure -> text.append(" unit=").append(measure.unit()));
      text.append('\n');
    }
    for (Feature feature : features) {
      text.append("feature ").append(feature.name());
      text.append(' ').append(feature.formula().canonical());
      text.append(' ').append(feature.defaultValue()).append('\n');
    }
    for (FeatureGroup group : groups) {
      text.append("group ").append(group.name());
      text.append(" max_age ").append(group.maxAgeMs()).append('\n');
    }
    if (label != null) {
      text.append("label ").append(label.event().name());
      text.append('.').append(label.measure().name()).append('\n');
    }
    return Fingerprint.hex(text.toString());
  }
}
