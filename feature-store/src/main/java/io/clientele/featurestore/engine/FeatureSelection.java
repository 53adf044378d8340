package io.clientele.featurestore.engine;

import io.clientele.featurestore.catalog.Feature;
import io.clientele.featurestore.catalog.FeatureGroup;
import io.clientele.featurestore.catalog.Formula.Aggregation;
import io.clientele.featurestore.catalog.Formula.Pushed;
import io.clientele.featurestore.catalog.Formula.Ratio;
import io.clientele.featurestore.catalog.Operator;
import io.clientele.featurestore.catalog.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Features to be read together, one column each, compiled into steps over a reader's cells: first
 * aggregations, then ratios of them; and into places in the values of groups. Immutable.
 */
public final class FeatureSelection {
  static final int PUSHED = -1;

  final FeaturePlan plan;
  final List<Feature> features;

  /** By event type. */
  final TypeCells[] types;

  final int cellCount;

  /** Per aggregation: the operator, its cell, the cell that is 0 where it has no event. */
  final Operator[] operators;

  final int[] cells;
  final int[] countCells;
  final double[] scales;
  final TypeCells[] aggregationTypes;

  /** Per aggregation: how many days of tiles it is taken over; 0 where it needs none. */
  final int[] tileDays;

  /** Per ratio: the aggregations that it is of. */
  final int[] dividends;

  final int[] divisors;

  /**
   * Per column: the aggregation, or the ratio counted on from these; {@link #PUSHED} for others.
   */
  final int[] steps;

  /** The groups whose values are read. */
  final List<GroupLayout> groups;

  /**
   * Per pushed column: the column, its group's place in {@link #groups}, its place in the group.
   */
  final int[] pushedColumns;

  final int[] pushedGroups;
  final int[] pushedPlaces;

  final float[] defaults;

  private final int[] catalogIndexes;
  private final List<String> groupNames;

  private FeatureSelection(FeaturePlan plan, List<Feature> features, boolean withAllTypes) {
    this.plan = plan;
    this.features = List.copyOf(features);
    catalogIndexes = features.stream().mapToInt(plan.catalog().features()::indexOf).toArray();
    List<Aggregation> aggregations =
        features.stream().flatMap(FeatureSelection::aggregations).distinct().toList();
    List<Ratio> ratios = features.stream().flatMap(FeatureSelection::ratios).distinct().toList();

    types = new TypeCells[plan.layouts().size()];
    int nextCell = 0;
    for (EventLayout layout : plan.layouts()) {
      List<Aggregation> own =
          aggregations.stream().filter(a -> a.event().equals(layout.type())).toList();
      types[layout.index()] =
          new TypeCells(withAllTypes || !own.isEmpty(), layout, windowDays(own), nextCell);
      nextCell = types[layout.index()].end();
    }
    cellCount = nextCell;

    operators = new Operator[aggregations.size()];
    cells = new int[aggregations.size()];
    countCells = new int[aggregations.size()];
    scales = new double[aggregations.size()];
    aggregationTypes = new TypeCells[aggregations.size()];
    tileDays = new int[aggregations.size()];
    for (int step = 0; step < operators.length; step++) {
      compileAggregation(aggregations.get(step), step);
    }

    dividends =
        ratios.stream().mapToInt(r -> aggregations.indexOf(r.dividend().formula())).toArray();
    divisors = ratios.stream().mapToInt(r -> aggregations.indexOf(r.divisor().formula())).toArray();
    steps = new int[features.size()];
    defaults = new float[features.size()];
    for (int c = 0; c < steps.length; c++) {
      Feature feature = features.get(c);
      steps[c] =
          switch (feature.formula()) {
            case Aggregation aggregation -> aggregations.indexOf(aggregation);
            case Ratio ratio -> aggregations.size() + ratios.indexOf(ratio);
            case Pushed _ -> PUSHED;
          };
      defaults[c] = feature.defaultValue();
    }

    pushedColumns = IntStream.range(0, steps.length).filter(c -> steps[c] == PUSHED).toArray();
    pushedGroups = new int[pushedColumns.length];
    pushedPlaces = new int[pushedColumns.length];
    List<Pushed> pushed =
        Arrays.stream(pushedColumns).mapToObj(c -> (Pushed) features.get(c).formula()).toList();
    Set<FeatureGroup> wanted = pushed.stream().map(Pushed::group).collect(Collectors.toSet());
    groups = plan.groups().stream().filter(g -> wanted.contains(g.group())).toList();
    groupNames = groups.stream().map(GroupLayout::name).toList();
    for (int p = 0; p < pushedColumns.length; p++) {
      compilePushed(pushed.get(p), p);
    }
  }

  /**
   * Compiles.
   *
   * @param withAllTypes whether to read event types that no feature is of, too
   */
  static FeatureSelection compile(FeaturePlan plan, List<Feature> features, boolean withAllTypes) {
    return new FeatureSelection(plan, features, withAllTypes);
  }

  /** How many columns. */
  public int size() {
    return steps.length;
  }

  /** One a column. */
  public List<Feature> features() {
    return features;
  }

  /** The names of the columns. */
  public List<String> names() {
    return features.stream().map(Feature::name).toList();
  }

  /** The place in the catalog, from 0, of a column's feature. */
  public int catalogIndex(int column) {
    return catalogIndexes[column];
  }

  /** The names of the groups whose values a row is read from, in the catalog's order. */
  public List<String> groups() {
    return groupNames;
  }

  /** Bytes of a row of values. */
  public int rowBytes() {
    return size() * Float.BYTES;
  }

  /** Bytes of a row of presence bits. */
  public int presenceBytes() {
    return (size() + 7) / 8;
  }

  /** A reader with scratch space of its own. */
  public FeatureReader newReader() {
    return new FeatureReader(this);
  }

  private static Stream<Aggregation> aggregations(Feature feature) {
    return switch (feature.formula()) {
      case Aggregation aggregation -> Stream.of(aggregation);
      case Ratio ratio ->
          Stream.of(ratio.dividend(), ratio.divisor()).flatMap(FeatureSelection::aggregations);
      case Pushed _ -> Stream.empty();
    };
  }

  private static Stream<Ratio> ratios(Feature feature) {
    return feature.formula() instanceof Ratio ratio ? Stream.of(ratio) : Stream.empty();
  }

  private static int[] windowDays(List<Aggregation> aggregations) {
    return aggregations.stream()
        .filter(a -> !a.window().equals(Window.LIFETIME))
        .mapToInt(a -> a.window().days())
        .distinct()
        .sorted()
        .toArray();
  }

  private void compileAggregation(Aggregation aggregation, int step) {
    EventLayout layout =
        plan.layouts().stream()
            .filter(l -> l.type().equals(aggregation.event()))
            .findFirst()
            .orElseThrow();
    TypeCells type = types[layout.index()];
    int slot = slot(type, aggregation.window());
    int measure = place(layout.measures(), aggregation.measure());
    int dimension = place(layout.dimensions(), aggregation.dimension());
    operators[step] = aggregation.operator();
    aggregationTypes[step] = type;
    tileDays[step] = tileDays(aggregation);
    countCells[step] = TypeCells.count(slot);
    scales[step] = measure < 0 ? 1 : Decimals.scale(layout.measures().get(measure).decimals());
    cells[step] =
        switch (aggregation.operator()) {
          case COUNT -> TypeCells.count(slot);
          case ACTIVE_DAYS, GAP_MEAN, GAP_STD, GAP_MAX -> TypeCells.activeDays(slot);
          case SUM, MEAN -> type.sum(slot, measure);
          case MIN -> type.min(slot, measure);
          case MAX -> type.max(slot, measure);
          case DISTINCT -> type.distinct(slot, dimension);
          case RECENCY -> type.lastMs();
          case TENURE -> type.firstMs();
          case LAST -> type.lastMeasure(measure);
        };
  }

  private void compilePushed(Pushed formula, int p) {
    for (int g = 0; g < groups.size(); g++) {
      if (groups.get(g).group().equals(formula.group())) {
        pushedGroups[p] = g;
        pushedPlaces[p] = groups.get(g).place(formula.field().name(), formula.element());
      }
    }
  }

  /** Labels and the lifetime are known without tiles. */
  private static int tileDays(Aggregation aggregation) {
    boolean untiled =
        aggregation.operator() == Operator.DISTINCT || aggregation.window().equals(Window.LIFETIME);
    return untiled ? 0 : aggregation.window().days();
  }

  private static int slot(TypeCells type, Window window) {
    for (int w = 0; w < type.windowDays.length; w++) {
      if (type.windowDays[w] == window.days()) {
        return type.slot(w);
      }
    }
    return type.lifetime();
  }

  private static <T> int place(List<T> fields, @Nullable T field) {
    return field == null ? -1 : fields.indexOf(field);
  }
}
