package io.clientele.gateway;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.v1.Feature;
import io.clientele.featurestore.v1.FeatureNames;
import io.clientele.featurestore.v1.GetCatalogResponse;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelInput;
import io.clientele.scorer.v1.ModelState;
import io.clientele.scorer.v1.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be scored now: the models that serve, checked against the store's catalog, and the
 * columns that they want. Immutable. Two that are equal in content are one object as long as the
 * {@link ModelDirectory} sees no change, so identity tells whether a score was made with these
 * versions on this catalog.
 */
final class Models {
  private final List<Model> listed;
  private final @Nullable GetCatalogResponse catalog;
  private final Map<String, ServedModel> byName = new LinkedHashMap<>();
  private final List<ServedModel> running;
  private final List<String> runningNames;
  private final List<String> columns;
  private final List<int[]> inputColumns;
  private final int width;
  private final GetFeaturesRequest read;
  private final InferRequest run;

  private Models(List<Model> listed, @Nullable GetCatalogResponse catalog) {
    this.listed = listed;
    this.catalog = catalog;
    Map<String, String> definitions = catalog == null ? null : definitions(catalog);
    for (Map.Entry<Model, Task> placed : place(listed).entrySet()) {
      Model model = placed.getKey();
      byName.put(model.getName(), ServedModel.of(model, placed.getValue(), definitions));
    }
    running =
        definitions == null
            ? List.of()
            : byName.values().stream().filter(ServedModel::fits).toList();
    runningNames = running.stream().map(ServedModel::name).toList();
    columns = definitions == null ? List.of() : columns(running, definitions.keySet());
    inputColumns = running.stream().map(this::columnsOf).toList();
    width = running.stream().mapToInt(ServedModel::width).sum();
    List<ByteString> names = columns.stream().map(ByteString::copyFromUtf8).toList();
    FeatureNames.Builder features = FeatureNames.newBuilder();
    names.forEach(features::addNamesBytes);
    read =
        GetFeaturesRequest.newBuilder().setFeatures(features).setCatalogHash(catalogHash()).build();
    InferRequest.Builder inference =
        InferRequest.newBuilder().addAllModels(runningNames).setCatalogHash(catalogHash());
    names.forEach(inference::addColumnsBytes);
    run = inference.build();
  }

  /**
   * @param listed the scorer's list; only those that serve count
   * @param catalog the store's; null as long as it was never read
   */
  static Models of(List<Model> listed, @Nullable GetCatalogResponse catalog) {
    return new Models(serving(listed), catalog);
  }

  /** This one where nothing changed, else a new one; null keeps what was known. */
  Models with(@Nullable List<Model> newListed, @Nullable GetCatalogResponse newCatalog) {
    List<Model> nextListed = newListed == null ? listed : serving(newListed);
    GetCatalogResponse nextCatalog = newCatalog == null ? catalog : newCatalog;
    return nextListed.equals(listed) && Objects.equals(nextCatalog, catalog)
        ? this
        : new Models(nextListed, nextCatalog);
  }

  private static List<Model> serving(List<Model> listed) {
    return listed.stream()
        .filter(model -> model.getState() == ModelState.SERVING)
        .sorted(Comparator.comparing(Model::getName))
        .toList();
  }

  /**
   * Gives each task's place in the answer to one model: to the one that is named as the task, else
   * to the first by name. The rest are further models.
   */
  private static Map<Model, Task> place(List<Model> byName) {
    List<Model> namesakesFirst = new ArrayList<>(byName);
    namesakesFirst.sort(
        Comparator.comparing(model -> !model.getName().equalsIgnoreCase(model.getTask().name())));
    Set<Task> free = EnumSet.of(Task.SEGMENT, Task.CHURN, Task.VALUE);
    Map<Model, Task> placed = new LinkedHashMap<>();
    byName.forEach(model -> placed.put(model, Task.OTHER));
    for (Model model : namesakesFirst) {
      if (free.remove(model.getTask())) {
        placed.put(model, model.getTask());
      }
    }
    return placed;
  }

  private static Map<String, String> definitions(GetCatalogResponse catalog) {
    Map<String, String> definitions = new LinkedHashMap<>();
    for (Feature feature : catalog.getFeaturesList()) {
      definitions.put(feature.getName(), feature.getDefinition());
    }
    return definitions;
  }

  private static List<String> columns(List<ServedModel> running, Set<String> catalogOrder) {
    Set<String> wanted = new HashSet<>();
    for (ServedModel model : running) {
      for (ModelInput input : model.manifest().getInputsList()) {
        wanted.add(input.getName());
      }
    }
    // A read needs a column, and also without inputs it tells whether a customer is known.
    return catalogOrder.stream()
        .filter(name -> wanted.isEmpty() || wanted.contains(name))
        .limit(wanted.isEmpty() ? 1 : wanted.size())
        .toList();
  }

  private int[] columnsOf(ServedModel model) {
    return model.manifest().getInputsList().stream()
        .mapToInt(input -> columns.indexOf(input.getName()))
        .toArray();
  }

  /** Whether the catalog was ever read; before that no model can run. */
  boolean hasCatalog() {
    return catalog != null;
  }

  /** The catalog that the models were checked against; empty where none was read. */
  String catalogHash() {
    return catalog == null ? "" : catalog.getCatalogHash();
  }

  /** Models that serve, by name. */
  Collection<ServedModel> all() {
    return byName.values();
  }

  /** Models that serve and fit the catalog, by name. */
  List<ServedModel> running() {
    return running;
  }

  List<String> runningNames() {
    return runningNames;
  }

  /** The union of the inputs of the models that run, in the catalog's order. */
  List<String> columns() {
    return columns;
  }

  /** A read of the columns, for customers that are to be added. */
  GetFeaturesRequest read() {
    return read;
  }

  /** A run of the models that run, over rows of the columns that are to be added. */
  InferRequest run() {
    return run;
  }

  /** The places among the columns of a running model's inputs. Not to be changed. */
  int[] inputColumns(int model) {
    return inputColumns.get(model);
  }

  /** Outputs a row of all models that run. */
  int width() {
    return width;
  }

  /** The model of this name, also one that does not fit the catalog; null where none serves. */
  @Nullable ServedModel model(String name) {
    return byName.get(name);
  }

  /**
   * Checks the names that a caller asks for.
   *
   * @return each once; empty where none is asked for, which means all
   * @throws InvalidRequestException for a name that does not serve
   */
  Set<String> select(List<String> asked) {
    if (asked.isEmpty()) {
      return Set.of();
    }
    for (int i = 0; i < asked.size(); i++) {
      if (!byName.containsKey(asked.get(i))) {
        throw new InvalidRequestException(
            "models[" + i + "]",
            "'%s' (expected: one of %s)"
                .formatted(asked.get(i), String.join(", ", byName.keySet())));
      }
    }
    return new LinkedHashSet<>(asked);
  }

  /** The names that a caller gets something of: those asked for, or all that serve. */
  Set<String> named(Set<String> asked) {
    return asked.isEmpty() ? byName.keySet() : asked;
  }

  @Override
  public String toString() {
    List<String> models =
        byName.values().stream()
            .map(model -> model.name() + " " + model.version() + (model.fits() ? "" : " (blocked)"))
            .toList();
    return "models " + models + ", catalog " + (catalog == null ? "not read" : catalogHash());
  }
}
