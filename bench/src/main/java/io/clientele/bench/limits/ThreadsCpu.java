package io.clientele.bench.limits;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Processor time of a process's threads up to a moment, as Linux tells it. What threads used that
 * have ended is not in it.
 *
 * @param nsByName of threads of one name together: at most the 15 bytes of it that Linux keeps
 */
record ThreadsCpu(Map<String, Long> nsByName) {
  /**
   * @param process its folder in /proc
   * @throws IOException where the system does not say
   */
  static ThreadsCpu of(Path process) throws IOException {
    Map<String, Long> nsByName = new HashMap<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path thread : threads) {
        try {
          String used = Files.readString(thread.resolve("schedstat")); // on a CPU, waiting, turns
          nsByName.merge(
              Files.readString(thread.resolve("comm")).strip(),
              Long.parseLong(used, 0, used.indexOf(' '), 10),
              Long::sum);
        } catch (IOException e) {
          if (Files.exists(thread)) {
            throw e;
          }
          // It ended meanwhile.
        }
      }
    }
    return new ThreadsCpu(nsByName);
  }

  /** Seconds of all threads. */
  double seconds() {
    return seconds("");
  }

  /** Seconds of the threads whose names begin so. */
  double seconds(String name) {
    return nsByName.entrySet().stream()
            .filter(threads -> threads.getKey().startsWith(name))
            .mapToLong(Map.Entry::getValue)
            .sum()
        / 1e9;
  }
}
