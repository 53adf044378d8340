package io.clientele.featurestore.store;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import redis.embedded.core.ExecutableProvider;

/**
 * An executable redis-server that is new enough.
 *
 * @param executable its file
 * @param version what it says it is
 */
public record RedisBinary(Path executable, RedisVersion version) {
  private static final String NAME = "redis-server";
  private static final int VERSION_TIMEOUT_SECONDS = 10;

  /**
   * The one on the PATH where it is new enough, else the one that comes along.
   *
   * @param extractInto where the one that comes along is written to
   * @throws IOException if neither runs here
   */
  public static RedisBinary find(Path extractInto) throws IOException {
    Optional<RedisBinary> installed = onPath(System.getenv().getOrDefault("PATH", ""));
    return installed.isPresent() ? installed.get() : bundled(extractInto);
  }

  /** The first redis-server of these directories that is new enough. */
  static Optional<RedisBinary> onPath(String path) {
    for (String directory : path.split(Pattern.quote(File.pathSeparator))) {
      Path executable = Path.of(directory, NAME);
      if (!directory.isEmpty() && Files.isExecutable(executable)) {
        Optional<RedisBinary> usable = probe(executable);
        if (usable.isPresent()) {
          return usable;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The one that comes along as a package, for Linux and macOS on x86-64 and arm64.
   *
   * @param extractInto the directory that it is written to
   * @throws IOException if there is none for this system or it does not run here
   */
  public static RedisBinary bundled(Path extractInto) throws IOException {
    Files.createDirectories(extractInto);
    Path executable;
    try {
      executable = ExecutableProvider.newJarResourceProvider(extractInto.toFile()).get().toPath();
    } catch (RuntimeException e) {
      throw new IOException("no redis-server comes along for this system", e);
    }
    return probe(executable)
        .orElseThrow(
            () ->
                new IOException(
                    "the redis-server that comes along does not run here ("
                        + executable
                        + "; it needs libssl 3); install redis-server "
                        + RedisVersion.MINIMUM
                        + " or newer"));
  }

  private static Optional<RedisBinary> probe(Path executable) {
    try {
      Process process =
          new ProcessBuilder(executable.toString(), "--version").redirectErrorStream(true).start();
      process.getOutputStream().close();
      if (!process.waitFor(VERSION_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return RedisVersion.find(said)
          .filter(version -> version.isAtLeast(RedisVersion.MINIMUM))
          .map(version -> new RedisBinary(executable.toAbsolutePath(), version));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
