package io.clientele.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadsCpuTest {
  @TempDir private Path process;

  @Test
  void addsUpTheThreadsWithSuchAName() throws IOException {
    thread("7", "C2 CompilerThre", "1500000000 20 3");
    thread("8", "C1 CompilerThre", "64000000000 20 3");
    thread("9", "C2 CompilerThre", "250000000 20 3");

    ThreadsCpu cpu = ThreadsCpu.of(process);

    assertThat(cpu.seconds("C2 ")).isEqualTo(1.75);
    assertThat(cpu.seconds("VM Thread")).isZero();
    assertThat(cpu.seconds()).isEqualTo(65.75);
  }

  @Test
  void failsWhereTheSystemDoesNotSay() throws IOException {
    assertThatIOException().isThrownBy(() -> ThreadsCpu.of(process));

    Path thread = thread("7", "C2 CompilerThre", "1500000000 20 3");
    Files.delete(thread.resolve("schedstat"));

    assertThatIOException()
        .isThrownBy(() -> ThreadsCpu.of(process))
        .withMessageContaining("schedstat");
  }

  private Path thread(String id, String name, String schedstat) throws IOException {
    Path thread = Files.createDirectories(process.resolve("task").resolve(id));
    Files.writeString(thread.resolve("comm"), name + "\n");
    Files.writeString(thread.resolve("schedstat"), schedstat + "\n");
    return thread;
  }
}
