package io.clientele.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class CompilerThreadsTest {
  private static final String C1 = "C1 CompilerThre";
  private static final String C2 = "C2 CompilerThre";
  private static final int NICE =
      19; // field of /proc/[pid]/stat, of which the name is 2; see proc(5)

  /**
   * A thread of this process.
   *
   * @param id a folder in /proc/self/task
   */
  private record ThreadOfOurs(Path id, String name, int nice) {
    static ThreadOfOurs of(Path id) throws IOException {
      String stat = Files.readString(id.resolve("stat"));
      int nameEnd = stat.lastIndexOf(')');
      return new ThreadOfOurs(
          id,
          stat.substring(stat.indexOf('(') + 1, nameEnd),
          Integer.parseInt(stat.substring(nameEnd + 2).split(" ", -1)[NICE - 3]));
    }
  }

  private static List<ThreadOfOurs> compilers() throws IOException {
    List<Path> ids;
    try (Stream<Path> listed = Files.list(Path.of("/proc/self/task"))) {
      ids = listed.toList();
    }
    List<ThreadOfOurs> compilers = new ArrayList<>();
    for (Path id : ids) {
      try {
        ThreadOfOurs thread = ThreadOfOurs.of(id);
        if (thread.name.equals(C1) || thread.name.equals(C2)) {
          compilers.add(thread);
        }
      } catch (IOException e) {
        assertThat(id).as(e.toString()).doesNotExist(); // it ended meanwhile
      }
    }
    return compilers;
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void letsThreadsThatServeGoBeforeTheOptimizingCompilerAlone() throws IOException {
    int own = ThreadOfOurs.of(Path.of("/proc/thread-self")).nice;
    List<ThreadOfOurs> before = compilers();
    assertThat(before).extracting(ThreadOfOurs::name).contains(C1, C2);

    CompilerThreads.yieldToCalls();

    List<ThreadOfOurs> after = compilers();
    assertThat(after).extracting(ThreadOfOurs::name).contains(C1, C2);
    assertThat(after)
        .filteredOn(thread -> before.stream().anyMatch(known -> known.id.equals(thread.id)))
        .allSatisfy(
            thread ->
                assertThat(thread.nice)
                    .as(thread.toString())
                    .isEqualTo(
                        thread.name.equals(C2) ? Math.min(own + CompilerThreads.NICER, 19) : own));
  }
}
