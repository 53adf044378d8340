package io.clientele.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class CompilerThreadsTest {
  private static final String C1 = "C1 CompilerThre";
  private static final String C2 = "C2 CompilerThre";
  private static final int NICE =
      19; // field of /proc/[pid]/stat, of which the name is 2; see proc(5)

  /** Nice values by name of thread. */
  private static Map<String, Integer> nices() throws IOException {
    Map<String, Integer> nices = new HashMap<>();
    List<Path> threads;
    try (Stream<Path> listed = Files.list(Path.of("/proc/self/task"))) {
      threads = listed.toList();
    }
    for (Path thread : threads) {
      try {
        String stat = Files.readString(thread.resolve("stat"));
        int nameEnd = stat.lastIndexOf(')');
        nices.put(
            stat.substring(stat.indexOf('(') + 1, nameEnd),
            Integer.parseInt(stat.substring(nameEnd + 2).split(" ", -1)[NICE - 3]));
      } catch (IOException e) {
        assertThat(thread).as(e.toString()).doesNotExist(); // it ended meanwhile
      }
    }
    return nices;
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void letsThreadsThatServeGoBeforeTheOptimizingCompilerAlone() throws IOException {
    Map<String, Integer> before = nices();
    assertThat(before).containsKeys(C1, C2);

    CompilerThreads.yieldToCalls();

    Map<String, Integer> expected = new HashMap<>(before);
    expected.computeIfPresent(C2, (name, nice) -> Math.min(nice + CompilerThreads.NICER, 19));
    Map<String, Integer> after = nices();
    after.keySet().retainAll(before.keySet()); // but for threads that have begun
    assertThat(expected).containsAllEntriesOf(after);
    assertThat(after).containsKeys(C1, C2);
  }
}
