package io.clientele.bench.limits;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Processor time of some of a process's threads, as Linux tells it. */
final class ThreadsCpu {
  private ThreadsCpu() {}

  /**
   * Of the threads that live: what those used that have ended is not in it.
   *
   * @param process its folder in /proc
   * @param name what the names of the threads begin with, in at most the 15 bytes that Linux keeps
   * @return seconds
   * @throws IOException where the system does not say
   */
  static double seconds(Path process, String name) throws IOException {
    long ns = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path thread : threads) {
        try {
          if (Files.readString(thread.resolve("comm")).startsWith(name)) {
            String used = Files.readString(thread.resolve("schedstat")); // on a CPU, waiting, turns
            ns += Long.parseLong(used, 0, used.indexOf(' '), 10);
          }
        } catch (IOException e) {
          if (Files.exists(thread)) {
            throw e;
          }
          // It ended meanwhile.
        }
      }
    }
    return ns / 1e9;
  }
}
