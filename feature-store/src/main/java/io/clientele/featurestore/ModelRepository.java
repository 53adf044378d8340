package io.clientele.featurestore;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.grpc.PreconditionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the manifests of a folder of models, {@code <name>/<version>/manifest.json}, say of their
 * models' inputs. A manifest is read again when its file has changed. Thread-safe.
 */
final class ModelRepository {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");
  private static final int MAX_KEPT = 256;

  private final Path folder;
  private final JsonMapper json = JsonMapper.shared();
  private final Cache<Path, Inputs> manifests = Caffeine.newBuilder().maximumSize(MAX_KEPT).build();

  /**
   * @param folder need not exist
   */
  ModelRepository(Path folder) {
    this.folder = folder;
  }

  /**
   * The names of a model's inputs, in its order.
   *
   * @param version the greatest where empty
   * @throws InvalidRequestException if there is no such model
   * @throws PreconditionException if its manifest cannot be read
   */
  List<String> inputs(String name, String version) {
    if (!NAME.matcher(name).matches()) {
      throw unknown(name, version);
    }
    String wanted = version.isEmpty() ? newest(name).orElse("") : version;
    if (!VERSION.matcher(wanted).matches()) {
      throw unknown(name, version);
    }
    Path manifest = folder.resolve(name, wanted, "manifest.json");
    try {
      return read(manifest).names();
    } catch (NoSuchFileException | NotDirectoryException e) {
      throw unknown(name, version);
    } catch (IOException | JacksonException e) {
      throw new PreconditionException("model", manifest + ": " + e.getMessage());
    }
  }

  private Optional<String> newest(String name) {
    try (Stream<Path> versions = Files.list(folder.resolve(name))) {
      return versions
          .filter(version -> Files.exists(version.resolve("manifest.json")))
          .map(version -> version.getFileName().toString())
          .filter(VERSION.asMatchPredicate())
          .max(Comparator.comparingLong(Long::parseLong));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Inputs read(Path manifest) throws IOException {
    FileTime modified = Files.getLastModifiedTime(manifest);
    @Nullable Inputs known = manifests.getIfPresent(manifest);
    if (known != null && known.modified().equals(modified)) {
      return known;
    }
    var names = new ArrayList<String>();
    for (JsonNode input : json.readTree(Files.readAllBytes(manifest)).path("inputs")) {
      names.add(input.path("name").asString(""));
    }
    var inputs = new Inputs(modified, names);
    manifests.put(manifest, inputs);
    return inputs;
  }

  private InvalidRequestException unknown(String name, String version) {
    return new InvalidRequestException(
        "model",
        "unknown model "
            + name
            + (version.isEmpty() ? "" : " version " + version)
            + " (expected: one of the model repository)");
  }

  private record Inputs(FileTime modified, List<String> names) {
    Inputs {
      names = List.copyOf(names);
    }
  }
}
