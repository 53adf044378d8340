package io.clientele.cli;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A folder with the launcher and all that it runs, as a build leaves it. */
final class TestingInstallation {
  private static final Path CLASSES = Path.of("target", "classes").toAbsolutePath();
  private static final Path LAUNCHER = Path.of("..", "clientele");
  private static final Path MODELS = Path.of("..", "models").toAbsolutePath().normalize();
  private static final int TIMEOUT_SECONDS = 120;

  private final Path folder;
  private final Path temporary;

  /**
   * @param folder empty
   */
  TestingInstallation(Path folder) throws IOException {
    this.folder = folder;
    temporary = Files.createDirectory(folder.resolve("tmp"));
    Files.copy(LAUNCHER, launcher());
    if (!launcher().toFile().setExecutable(true)) {
      throw new IOException(launcher() + ": cannot be made executable");
    }
    Files.createSymbolicLink(folder.resolve("models"), MODELS);
    Path startCode = Path.of("src", "main", "jvm", "start-code.directives");
    Path ownStartCode = folder.resolve("cli").resolve(startCode);
    Files.createDirectories(ownStartCode.getParent());
    Files.copy(startCode, ownStartCode);
    Path lib = Files.createDirectories(target().resolve("lib"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (Files.isDirectory(path)) {
        jar(
            path,
            path.equals(CLASSES)
                ? target().resolve("clientele-cli.jar")
                : lib.resolve(path.toString().replace(File.separatorChar, '_') + ".jar"));
      } else {
        Files.copy(path, lib.resolve(path.getFileName()));
      }
    }
  }

  /** What a run came to. */
  record Run(int exitCode, String output) {}

  /** Runs the launcher to its end. */
  Run run(Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(Stream.of(launcher().toString()), Stream.of(args)).toList())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("CLIENTELE_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("TMPDIR", temporary.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new AssertionError("does not end: " + Files.readString(output));
    }
    return new Run(process.exitValue(), Files.readString(output));
  }

  /** Where a build leaves the jar and the AOT cache. */
  Path target() {
    return folder.resolve("cli").resolve("target");
  }

  /** What lies in the folder for temporary files. */
  List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.map(Path::toString).toList();
    }
  }

  private Path launcher() {
    return folder.resolve("clientele");
  }

  private static void jar(Path classes, Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = classes.relativize(file).toString().replace(File.separatorChar, '/');
        entries.putNextEntry(new JarEntry(name));
        Files.copy(file, entries);
        entries.closeEntry();
      }
    }
  }
}
