package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateCommandTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void writesALogThatIsReadAsItWasMadeUp() {
    Path csv = folder.resolve("log.csv");
    Path parquet = folder.resolve("log.parquet");
    assertThat(simulate(csv, "--customers=200", "--until=2026-06-30", "--views=2")).isZero();
    assertThat(simulate(parquet, "--customers=200", "--until=2026-06-30", "--views=2")).isZero();

    List<LoggedEvent> events = events(csv);
    List<LoggedEvent> made = new ArrayList<>();
    new SimulatedShop(new SimulatedShop.Settings(200, 1, AsOf.parse("2026-06-30"), 78, 12, 12, 2))
        .forEach(made::add);
    assertThat(events).containsExactlyInAnyOrderElementsOf(made);
    assertThat(events(parquet)).isEqualTo(events);
    assertThat(folder).isDirectoryNotContaining("glob:**.parquet.csv");
  }

  @Test
  void leavesOutTheCategoryWhereThereIsNone() throws IOException {
    Path csv = folder.resolve("log.csv");
    assertThat(simulate(csv, "--customers=10", "--categories=0")).isZero();

    try (Stream<String> lines = Files.lines(csv)) {
      assertThat(lines)
          .first()
          .isEqualTo("customer_id,event_id,event_type,event_time,amount,items");
    }
  }

  @Test
  void servesToMakeASnapshot() throws IOException {
    Path log = folder.resolve("log.parquet");
    Path rows = folder.resolve("rows.csv");
    assertThat(simulate(log, "--customers=30", "--until=2026-06-30")).isZero();
    assertThat(
            Settings.run(
                new Clientele(),
                "snapshot",
                "--events=" + log,
                "--as-of=2026-03-31",
                "--horizon=90d",
                "--until=2026-06-30",
                "--out=" + rows))
        .isZero();

    try (Stream<String> lines = Files.lines(rows)) {
      assertThat(lines).hasSize(1 + 30);
    }
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    Path csv = folder.resolve("log.csv");
    assertThat(simulate(csv, "--customers=0")).isEqualTo(2);
    assertThat(simulate(csv, "--customers=10", "--until=soon")).isEqualTo(2);
    assertThat(simulate(csv, "--customers=10", "--weeks=4", "--joining-weeks=5")).isEqualTo(2);
    assertThat(simulate(csv, "--customers=10", "--views=-1")).isEqualTo(2);
    assertThat(csv).doesNotExist();
    assertThat(simulate(folder.resolve("log.txt"), "--customers=10")).isEqualTo(2);
    assertThat(simulate(folder.resolve("missing/log.csv"), "--customers=10")).isEqualTo(2);
  }

  private static int simulate(Path out, String... args) {
    Stream<String> all = Stream.concat(Stream.of("simulate", "--out=" + out), Arrays.stream(args));
    return Settings.run(new Clientele(), all.toArray(String[]::new));
  }

  private static List<LoggedEvent> events(Path log) {
    List<LoggedEvent> events = new ArrayList<>();
    try (EventLog opened =
        EventLog.open(log, null, Set.of("amount", "items"), Set.of("category"))) {
      opened.forEach(EventLog.Order.CUSTOMER, events::add);
    }
    return events;
  }
}
