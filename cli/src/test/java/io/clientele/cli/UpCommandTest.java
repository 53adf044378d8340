package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.HostPort;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class UpCommandTest {
  private static final String READY = "Ctrl-C stops it.";

  @TempDir private Path folder = Path.of("");
  private HostPort gateway = new HostPort("127.0.0.1", 0);

  @Test
  void showsTheDemoAndFindsItAgainAfterItWasKilled() throws Exception {
    try (TestingProcess first = start("first.log", Map.of(), "--demo")) {
      String output = first.awaitOutput(READY);

      assertThat(output)
          .contains("the last day of the log, 1998-06-30, becomes")
          .contains("Orders: 6,919 applied, 0 known already, 0 too old, 0 rejected.")
          .containsPattern("19339 +\\S.*\\d\\.\\d\\d \\w+ in 90 d +\\d+\\.\\d\\d USD \\w+")
          .containsPattern("somebody-new .*prior, unknown customer")
          .contains("grpcurl -plaintext")
          .contains("ghz --insecure");
      first.kill();
    }

    try (TestingProcess second = start("second.log", Map.of(), "--demo")) {
      assertThat(second.awaitOutput(READY))
          .contains("Orders: 0 applied, 6,919 known already, 0 too old, 0 rejected.");
      assertScores("19339", "computed");
      assertThat(second.terminate()).isIn(0, 143);
      assertThat(second.output()).contains("Stopping.");
    }
  }

  @Test
  void startsItsRedisAgainWhenThatEnds() throws Exception {
    Path events = folder.resolve("events.csv");
    Files.writeString(
        events,
        "customer_id,event_id,event_type,event_time,amount,items\nanna,o1,order,"
            + LocalDate.now(ZoneOffset.UTC)
            + " 00:00:00,5,1\n");
    HostPort store = TestingProcess.freeAddress();
    try (TestingProcess up = start("up.log", Map.of(), "--feature-store-listen=" + store)) {
      up.awaitOutput(READY);
      assertThat(ingest(events, store)).contains("1 applied");

      up.killRedis();

      assertThat(ingest(events, store)).contains("1 known already");
      assertThat(up.output()).contains("Redis had ended; it is started again");
      assertThat(up.terminate()).isIn(0, 143);
    }
  }

  private String ingest(Path events, HostPort store) throws IOException, InterruptedException {
    Path output = folder.resolve("ingest.log");
    try (TestingProcess ingest =
        TestingProcess.start(
            output, Map.of(), "ingest", "--events=" + events, "--feature-store=" + store)) {
      assertThat(ingest.await()).isZero();
      return ingest.output();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void letsCallsGoBeforeTheCompilerOnceItServes() throws Exception {
    try (TestingProcess up = start("nice.log", Map.of())) {
      up.awaitOutput(READY);

      int nice = up.nice("C1 CompilerThre");
      int nicer = Math.min(nice + 10, 19);
      while (up.nice("C2 CompilerThre") != nicer) { // else the test's time is over
        TimeUnit.MILLISECONDS.sleep(20);
      }
      assertThat(up.terminate()).isIn(0, 143);
    }
  }

  @Test
  void listsEverySettingThatIsWrongAndStartsNothing() throws Exception {
    Map<String, String> environment =
        Map.of("CLIENTELE_GATEWAY_CASH_SIZE", "1", "CLIENTELE_SCORER_LANES", "many");

    try (TestingProcess up = start("wrong.log", environment, "--redis=redis://127.0.0.1/first")) {
      assertThat(up.await()).isEqualTo(2);
      assertThat(up.output())
          .contains("CLIENTELE_GATEWAY_CASH_SIZE")
          .contains("many")
          .contains("--redis: redis://127.0.0.1/first (expected: redis://")
          .doesNotContain("Clientele is up");
    }
  }

  @Test
  void namesTheAddressThatIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      try (TestingProcess up = start("taken.log", Map.of(), "--scorer-listen=" + address)) {
        assertThat(up.await()).isEqualTo(1);
        assertThat(up.output()).contains("scorer on " + address);
      }
    }
  }

  private void assertScores(String customer, String how) throws IOException, InterruptedException {
    Path output = folder.resolve("score.log");
    try (TestingProcess score =
        TestingProcess.start(
            output, Map.of(), "score", "--gateway=" + gateway, "--max-age=0s", customer)) {
      assertThat(score.await()).isZero();
      assertThat(score.output()).contains(customer).contains(how);
    }
  }

  private TestingProcess start(String log, Map<String, String> environment, String... more)
      throws IOException {
    gateway = TestingProcess.freeAddress();
    List<String> args =
        new ArrayList<>(
            List.of(
                "up",
                "--data=" + folder.resolve("data"),
                "--redis-port=0",
                "--gateway-listen=" + gateway,
                "--feature-store-listen=127.0.0.1:0",
                "--scorer-listen=127.0.0.1:0",
                "--metrics-listen=127.0.0.1:0"));
    for (String arg : more) {
      args.removeIf(given -> given.startsWith(arg.replaceFirst("=.*", "=")));
      args.add(arg);
    }
    return TestingProcess.start(folder.resolve(log), environment, args.toArray(String[]::new));
  }
}
