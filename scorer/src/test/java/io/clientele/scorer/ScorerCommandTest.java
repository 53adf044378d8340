package io.clientele.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.scorer.v1.InferResponse;
import io.clientele.scorer.v1.ScorerGrpc;
import io.grpc.ManagedChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scorer as a process of its own. */
final class ScorerCommandTest {
  private static final Pattern LISTENING = Pattern.compile("scorer on (\\S+),");

  @TempDir private Path root;

  @Test
  void servesUntilItIsToldToStop() throws IOException, InterruptedException {
    TestingModel churn = TestingModel.churn("a", "b");
    churn.write(root);
    Process process =
        start("--models=" + root, "--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0");
    try (BufferedReader log = process.errorReader()) {
      ManagedChannel channel = Channels.open(HostPort.parse(find(LISTENING, log)));
      InferResponse response =
          ScorerGrpc.newBlockingStub(channel)
              .infer(TestingRequest.of(churn.inputs(), new float[] {1, 2}).build());
      assertThat(TestingRequest.row(response.getResults(0), 0))
          .containsExactly(churn.answer(1, 2), Offset.offset(1e-5f));
      Channels.close(channel);
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143); // ended by SIGTERM, not by a crash
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void listsEveryProblemOfItsSettingsAndDoesNotStart() throws IOException, InterruptedException {
    Process process = start("--models=" + root.resolve("none"), "--lanes=0");
    try (BufferedReader log = process.errorReader()) {
      assertThat(log.lines())
          .contains("--models: " + root.resolve("none") + " (expected: a folder)")
          .contains("--lanes: 0 (expected: 1..256)");
      assertThat(process.waitFor()).isEqualTo(2);
    } finally {
      process.destroyForcibly();
    }
  }

  /** With a long class path on its command line, which ONNX Runtime's telemetry would trip over. */
  private static Process start(String... options) throws IOException {
    String padding =
        String.join(":", Collections.nCopies(500, "/nowhere/a-library-of-a-long-name.jar"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path") + ":" + padding,
                ScorerCommand.class.getName()));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static String find(Pattern pattern, BufferedReader log) throws IOException {
    StringBuilder read = new StringBuilder();
    String line = log.readLine();
    while (line != null) {
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        return matcher.group(1);
      }
      read.append(line).append('\n');
      line = log.readLine();
    }
    throw new AssertionError("ended without " + pattern + ":\n" + read);
  }
}
