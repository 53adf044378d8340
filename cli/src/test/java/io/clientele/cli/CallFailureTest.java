package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CallFailureTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void scoreSaysInOneLineThatTheGatewayCannotBeReached() throws Exception {
    HostPort nobody = TestingProcess.freeAddress();

    assertThat(output("score", "--gateway=" + nobody, "alice"))
        .singleElement()
        .asString()
        .startsWith("gateway on " + nobody + ": UNAVAILABLE: ")
        .contains("refused");
  }

  @Test
  void ingestSaysInOneLineThatTheFeatureStoreCannotBeReached() throws Exception {
    HostPort nobody = TestingProcess.freeAddress();
    Path events = Files.writeString(folder.resolve("events.csv"), "");

    assertThat(output("ingest", "--feature-store=" + nobody, "--events=" + events))
        .singleElement()
        .asString()
        .startsWith("feature store on " + nobody + ": UNAVAILABLE: ")
        .contains("refused");
  }

  private List<String> output(String... args) throws IOException, InterruptedException {
    try (TestingProcess process =
        TestingProcess.start(folder.resolve("output.log"), Map.of(), args)) {
      assertThat(process.await()).isEqualTo(1);
      return process.output().lines().toList();
    }
  }
}
