package io.clientele.featurestore.feast;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Feature;
import io.clientele.featurestore.catalog.Formula.Aggregation;
import io.clientele.featurestore.catalog.Formula.Pushed;
import io.clientele.featurestore.catalog.Formula.Ratio;
import io.clientele.grpc.InvalidRequestException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A catalog's features by the references of Feast's clients. A feature is in the view of each event
 * type or group that it is computed from. One that is named {@code view__feature} is in that view,
 * too, so that a catalog can take over the names that callers use already. Immutable.
 */
final class FeastNames {
  private final Catalog catalog;

  /** By {@code view:feature}, and by {@code feature} alone. */
  private final Map<String, FeastName> byReference = new HashMap<>();

  private final Map<String, FeastName> byCatalogName = new HashMap<>();

  FeastNames(Catalog catalog) {
    this.catalog = catalog;
    for (Feature feature : catalog.features()) {
      named(feature).ifPresent(this::add);
    }
    for (Feature feature : catalog.features()) {
      views(feature)
          .map(view -> new FeastName(view, feature.name(), feature.name()))
          .forEach(this::add);
      byReference.put(feature.name(), ofCatalog(feature.name()));
    }
  }

  /** The first one to come holds. */
  private void add(FeastName name) {
    byReference.putIfAbsent(name.view() + ":" + name.feature(), name);
    byCatalogName.putIfAbsent(name.catalogName(), name);
  }

  private static Optional<FeastName> named(Feature feature) {
    String name = feature.name();
    int at = name.indexOf(FeastName.SEPARATOR);
    int rest = at + FeastName.SEPARATOR.length();
    return at > 0 && rest < name.length()
        ? Optional.of(new FeastName(name.substring(0, at), name.substring(rest), name))
        : Optional.empty();
  }

  private static Stream<String> views(Feature feature) {
    return switch (feature.formula()) {
      case Aggregation aggregation -> Stream.of(aggregation.event().name());
      case Pushed pushed -> Stream.of(pushed.group().name());
      case Ratio ratio -> Stream.concat(views(ratio.dividend()), views(ratio.divisor())).distinct();
    };
  }

  /** The name of a feature of the catalog. */
  FeastName ofCatalog(String name) {
    FeastName known = byCatalogName.get(name);
    if (known == null) {
      throw new IllegalArgumentException("not in the catalog: " + name);
    }
    return known;
  }

  /**
   * The features that a client refers to.
   *
   * @throws InvalidRequestException with the first reference that is not known
   */
  List<FeastName> ofReferences(List<String> references) {
    return references.stream().map(this::ofReference).toList();
  }

  private FeastName ofReference(String reference) {
    FeastName known = byReference.get(reference);
    if (known == null) {
      throw new InvalidRequestException(
          "features", reference + " (expected: " + expected(reference) + ")");
    }
    return known;
  }

  private String expected(String reference) {
    String name = reference.substring(reference.indexOf(':') + 1);
    return catalog
        .feature(name)
        .map(
            feature ->
                views(feature).map(view -> view + ":" + name).collect(Collectors.joining(" or ")))
        .orElse("a feature of the catalog, or view:feature");
  }

  /**
   * The columns of an answer.
   *
   * @throws InvalidRequestException if two have one name
   */
  static List<String> columns(List<FeastName> names, boolean full) {
    List<String> columns = names.stream().map(name -> name.column(full)).toList();
    Set<String> seen = new HashSet<>();
    for (String column : columns) {
      if (!seen.add(column)) {
        throw new InvalidRequestException(
            "features", column + " more than once (expected: once, or full_feature_names)");
      }
    }
    return columns;
  }
}
