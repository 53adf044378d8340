package io.clientele.bench.limits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model repository with as many models as are wanted: those that ship, and copies of them under
 * names of their own. Each is a session of its own, checked and run like any other.
 */
final class ModelCopies {
  private static final String MANIFEST = "manifest.json";

  private ModelCopies() {}

  /**
   * Makes it.
   *
   * @param shipped the repository to copy from
   * @param folder does not exist yet
   * @param models how many; the first ones by name are the shipped ones
   * @return the folder
   */
  static Path make(Path shipped, Path folder, int models) throws IOException {
    List<Path> originals = children(shipped);
    for (int i = 0; i < models; i++) {
      Path original = originals.get(i % originals.size());
      int copy = i / originals.size() + 1;
      String name = String.valueOf(original.getFileName());
      copy(original, folder, name, copy == 1 ? name : name + "-" + copy);
    }
    return folder;
  }

  private static void copy(Path original, Path folder, String name, String newName)
      throws IOException {
    for (Path version : children(original)) {
      Path target = folder.resolve(newName).resolve(String.valueOf(version.getFileName()));
      Files.createDirectories(target);
      for (Path file : children(version)) {
        Files.copy(file, target.resolve(String.valueOf(file.getFileName())));
      }
      Path manifest = target.resolve(MANIFEST);
      String text = Files.readString(manifest);
      Files.writeString(
          manifest, text.replace("\"name\": \"" + name + "\"", "\"name\": \"" + newName + "\""));
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    }
  }
}
