package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.cli.TestingInstallation.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class LauncherTest {
  private static final String PREPARING = "Preparing fast starts";
  private static final String VERSION = "clientele 0.1.0";
  private static final String FROM_CACHE = "io.clientele.cli.Clientele source: shared objects file";

  @TempDir private Path folder = Path.of("");
  private Path cache = Path.of("");

  private TestingInstallation installation() throws IOException {
    return new TestingInstallation(folder);
  }

  @BeforeEach
  void nameTheCache() {
    cache = folder.resolve("cli").resolve("target").resolve("clientele.aot");
  }

  /** Which classes come from where, and the version. */
  private static Run version(TestingInstallation installation)
      throws IOException, InterruptedException {
    return installation.run(
        Map.of("CLIENTELE_JAVA_OPTIONS", "-Xlog:class+load:stdout"), "--version");
  }

  @Test
  void makesACacheOnceAndUsesItForAsLongAsItFits() throws Exception {
    TestingInstallation installation = installation();
    assertThat(version(installation).output()).contains(VERSION).doesNotContain(FROM_CACHE);

    Run first = installation.run(Map.of(), "--build");

    assertThat(first.exitCode()).as(first.output()).isZero();
    assertThat(first.output()).contains(PREPARING);
    assertThat(cache).isNotEmptyFile();
    assertThat(installation.leftovers()).isEmpty();
    assertThat(version(installation).output()).contains(VERSION, FROM_CACHE);
    assertThat(installation.run(Map.of(), "--build").output()).doesNotContain(PREPARING);
    assertThat(installation.target().resolve("native"))
        .isDirectoryContaining("glob:**onnxruntime*");
    Path unpacked = folder.resolve("unpacked");
    Run rehearsal =
        installation.run(
            Map.of("CLIENTELE_JAVA_OPTIONS", "-Djava.io.tmpdir=" + folder.resolve("tmp")),
            "rehearse",
            "--data=" + folder.resolve("redis"),
            "--native=" + unpacked);
    assertThat(rehearsal.exitCode()).as(rehearsal.output()).isZero();
    assertThat(unpacked).as("what a start with the cache unpacks").isEmptyDirectory();

    // Damaged, but of the right size.
    try (FileChannel file = FileChannel.open(cache, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(4096), 0);
    }
    Run damaged = version(installation);
    assertThat(damaged.exitCode()).isZero();
    assertThat(damaged.output()).contains(VERSION).doesNotContain(FROM_CACHE);

    Files.write(cache, new byte[] {1, 2, 3});
    Run cut = version(installation);
    assertThat(cut.exitCode()).isZero();
    assertThat(cut.output()).contains(VERSION).doesNotContain("[aot]");
  }

  @Test
  void startsWithoutACacheWhereNoneCanBeMade() throws Exception {
    TestingInstallation installation = installation();
    Files.delete(folder.resolve("models"));

    Run run = installation.run(Map.of(), "--build");

    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output()).contains("No AOT cache could be made", "clientele.aot.log");
    assertThat(cache).doesNotExist();
    assertThat(installation.leftovers()).isEmpty();
    assertThat(version(installation).output()).contains(VERSION);
    assertThat(installation.run(Map.of(), "--build").output()).doesNotContain(PREPARING);

    Path jar = installation.target().resolve("clientele-cli.jar");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(installation.run(Map.of(), "--build").output()).contains(PREPARING);
  }
}
