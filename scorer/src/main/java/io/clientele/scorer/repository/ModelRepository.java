package io.clientele.scorer.repository;

import io.clientele.scorer.inference.OnnxModel;
import io.clientele.scorer.inference.OnnxSettings;
import io.clientele.scorer.inference.ServingModels;
import io.clientele.scorer.manifest.Manifest;
import io.clientele.scorer.manifest.ManifestReader;
import io.clientele.scorer.manifest.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of models, {@code <name>/<version>/}, each version with a manifest and the file that it
 * names. Of each model the newest version that passes every check serves. Names that start with a
 * dot, and files beside the folders, are no models.
 */
public final class ModelRepository {
  private static final Logger log = LoggerFactory.getLogger(ModelRepository.class);
  private static final String MANIFEST = "manifest.json";
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");
  private static final Comparator<Path> NEWEST_FIRST =
      Comparator.comparingInt(ModelRepository::number).reversed().thenComparing(Path::toString);

  private final Path root;
  private final OnnxSettings settings;

  public ModelRepository(Path root, OnnxSettings settings) {
    this.root = root;
    this.settings = settings;
  }

  /**
   * Reads the folder, checks every version and opens those that serve. A version that fails is
   * logged and reported; it keeps no other from serving.
   *
   * @throws UncheckedIOException if the folder itself cannot be read
   */
  public LoadedModels load() {
    List<OnnxModel> serving = new ArrayList<>();
    List<ModelReport> reports = new ArrayList<>();
    try {
      for (Path folder : folders(root, Comparator.comparing(Path::toString))) {
        OnnxModel model = load(folder, reports);
        if (model != null) {
          serving.add(model);
        }
      }
    } catch (IOException e) {
      serving.forEach(OnnxModel::close);
      throw new UncheckedIOException(root + ": cannot be read: " + e, e);
    } catch (RuntimeException | Error e) {
      serving.forEach(OnnxModel::close);
      throw e;
    }
    return new LoadedModels(new ServingModels(serving), reports);
  }

  /** Opens the newest sound version of one model, or null, and reports on all of them. */
  private @Nullable OnnxModel load(Path folder, List<ModelReport> reports) throws IOException {
    String name = name(folder);
    OnnxModel serving = null;
    for (Path version : folders(folder, NEWEST_FIRST)) {
      Manifest manifest = null;
      ModelState state;
      List<String> problems = List.of();
      try {
        manifest = manifest(name, version);
        OnnxModel model = OnnxModel.open(version, manifest, settings);
        if (serving == null) {
          serving = model;
          state = ModelState.SERVING;
          log.info("{} serves, inputs: {}", model, manifest.inputWidth());
        } else {
          model.close();
          state = ModelState.SUPERSEDED;
        }
      } catch (RefusedException e) {
        state = ModelState.REFUSED;
        problems = e.problems();
        log.error("{} {} is refused:\n  {}", name, name(version), String.join("\n  ", problems));
      } catch (RuntimeException e) { // a file must not keep the other models from serving
        state = ModelState.REFUSED;
        problems = List.of(version + ": " + e);
        log.error("{} {} is refused", name, name(version), e);
      }
      reports.add(new ModelReport(name, name(version), state, manifest, problems));
    }
    return serving;
  }

  private static Manifest manifest(String name, Path version) throws RefusedException {
    if (!VERSION.matcher(name(version)).matches()) {
      throw new RefusedException(
          List.of(version + ": " + name(version) + " (expected: a positive whole number)"));
    }
    Path file = version.resolve(MANIFEST);
    Manifest manifest = ManifestReader.read(file);
    List<String> problems = new ArrayList<>();
    requireSame(problems, file, "name", manifest.name(), name);
    requireSame(problems, file, "version", manifest.version(), name(version));
    if (!problems.isEmpty()) {
      throw new RefusedException(problems);
    }
    return manifest;
  }

  private static void requireSame(
      List<String> problems, Path file, String key, String actual, String folder) {
    if (!actual.equals(folder)) {
      problems.add(file + ": " + key + ": " + actual + " (expected: " + folder + ", its folder)");
    }
  }

  private static int number(Path version) {
    return VERSION.matcher(name(version)).matches() ? Integer.parseInt(name(version)) : 0;
  }

  private static String name(Path folder) {
    return String.valueOf(folder.getFileName());
  }

  private static List<Path> folders(Path parent, Comparator<Path> order) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      return children
          .filter(Files::isDirectory)
          .filter(child -> !name(child).startsWith("."))
          .sorted(order)
          .toList();
    }
  }
}
