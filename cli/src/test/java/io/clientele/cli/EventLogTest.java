package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
  private static final Set<String> MEASURES = Set.of("amount", "items");
  private static final Set<String> DIMENSIONS = Set.of("category");

  @TempDir private Path folder = Path.of("");

  @Test
  void readsACsvInTheOrderOfTimeAndKeepsLeadingZeros() throws IOException {
    Path file =
        write(
            "log.csv",
            """
            customer_id,event_id,event_type,event_time,amount,items,category
            00004,b,order,2026-01-02 10:00:00.250,12.5,2,books|music
            00003,a,order,2026-01-01T09:00:00Z,3,1,
            00003,v,view,2026-01-01T10:30:00+01:00,,,games
            """);

    assertThat(read(file, null))
        .containsExactly(
            new LoggedEvent(
                "00003",
                "a",
                "order",
                ms("2026-01-01T09:00:00Z"),
                Map.of("amount", 3.0, "items", 1.0),
                Map.of()),
            new LoggedEvent(
                "00003",
                "v",
                "view",
                ms("2026-01-01T09:30:00Z"),
                Map.of(),
                Map.of("category", List.of("games"))),
            new LoggedEvent(
                "00004",
                "b",
                "order",
                ms("2026-01-02T10:00:00.250Z"),
                Map.of("amount", 12.5, "items", 2.0),
                Map.of("category", List.of("books", "music"))));
  }

  @Test
  void readsAParquetFileWithListsOfLabels() throws SQLException {
    Path file = folder.resolve("log.parquet");
    try (var duckdb = DriverManager.getConnection("jdbc:duckdb:");
        var statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT 'c' AS customer_id, 7 AS event_id, 'order' AS event_type,"
              + " TIMESTAMP '2026-01-01 00:00:00' AS event_time, 5 AS amount,"
              + " ['a', 'b'] AS category) TO '"
              + file
              + "' (FORMAT parquet)");
    }

    assertThat(read(file, null))
        .containsExactly(
            new LoggedEvent(
                "c",
                "7",
                "order",
                ms("2026-01-01T00:00:00Z"),
                Map.of("amount", 5.0),
                Map.of("category", List.of("a", "b"))));
  }

  @Test
  void readsCorrections() throws IOException {
    Path file =
        write(
            "log.csv",
            """
            customer_id,event_id,event_type,event_time,amount,correction,corrected_at
            c,o1,order,2026-01-01T00:00:00Z,5,,
            c,o1,order,,,cancel,2026-01-03T00:00:00Z
            c,o2,order,2026-01-01T12:00:00Z,6,Amend,2026-01-02T00:00:00Z
            """);

    assertThat(read(file, null))
        .extracting(LoggedEvent::eventId, LoggedEvent::timeMs, LoggedEvent::correction)
        .containsExactly(
            Tuple.tuple("o1", ms("2026-01-01T00:00:00Z"), null),
            Tuple.tuple(
                "o2",
                ms("2026-01-01T12:00:00Z"),
                new LoggedCorrection(LoggedCorrection.Kind.AMEND, ms("2026-01-02T00:00:00Z"))),
            Tuple.tuple(
                "o1",
                ms("2026-01-03T00:00:00Z"),
                new LoggedCorrection(LoggedCorrection.Kind.CANCEL, ms("2026-01-03T00:00:00Z"))));
  }

  @Test
  void namesCorrectionsThatAreNone() throws IOException {
    String columns = "customer_id,event_id,event_type,event_time,correction";
    Path undated = write("undated.csv", columns + "\nc,o,order,2026-01-01,cancel\n");
    Path unknown =
        write("unknown.csv", columns + ",corrected_at\nc,o,order,2026-01-01,undo,2026-01-01\n");
    Path empty = write("empty.csv", columns + ",corrected_at\nc,o,order,2026-01-01,cancel,\n");

    assertThatThrownBy(() -> read(undated, null)).hasMessageContaining("no column corrected_at");
    assertThatThrownBy(() -> read(unknown, null))
        .hasMessage(
            "correction: undo (expected: cancel, amend, or nothing), in the event o of customer c");
    assertThatThrownBy(() -> read(empty, null))
        .hasMessageContaining("corrected_at: empty (expected: a UTC timestamp)");
  }

  @Test
  void mapsALogOfAnotherShape() throws IOException {
    Path file = write("shop.csv", "who;what;when\n007;x1;20260102\n");
    Path mapping =
        write(
            "map.sql",
            """
            -- one order a row
            SELECT who AS customer_id, what AS event_id, 'order' AS event_type,
              strptime("when", '%Y%m%d') AS event_time, 1 AS amount
            FROM input;
            """);

    assertThat(read(file, mapping))
        .extracting(LoggedEvent::customerId, LoggedEvent::timeMs)
        .containsExactly(Tuple.tuple("007", ms("2026-01-02T00:00:00Z")));
  }

  @Test
  void namesMissingAndUnknownColumns() throws IOException {
    Path file = write("log.csv", "customer_id,event_type,event_time,price\nc,order,2026-01-01,1\n");

    assertThatThrownBy(() -> read(file, null))
        .isInstanceOf(EventLogException.class)
        .hasMessageContaining("log.csv")
        .hasMessageContaining("no column event_id")
        .hasMessageContaining("unknown column price")
        .hasMessageContaining("amount, items, category");
  }

  @Test
  void namesTheValueThatIsNoTime() throws IOException {
    Path file =
        write("log.csv", "customer_id,event_id,event_type,event_time\nc,e,order,yesterday\n");

    assertThatThrownBy(() -> read(file, null))
        .isInstanceOf(EventLogException.class)
        .hasMessageContaining("yesterday")
        .hasMessageNotContaining("SELECT");
  }

  @Test
  void namesTheMappingThatIsNoQuery() throws IOException {
    Path file = write("log.csv", "a\n1\n");
    Path mapping = write("map.sql", "SELEKT 1");

    assertThatThrownBy(() -> read(file, mapping))
        .isInstanceOf(EventLogException.class)
        .hasMessageContaining("map.sql")
        .hasMessageContaining("SELEKT");
  }

  @Test
  void namesTheFileThatIsNotThere() {
    assertThatThrownBy(() -> read(folder.resolve("none.csv"), null))
        .isInstanceOf(EventLogException.class)
        .hasMessageContaining("none.csv");
  }

  @Test
  void movesEveryEventByWholeDaysAndNoneAheadOfTheClock() throws IOException {
    Path file =
        write(
            "log.csv",
            """
            customer_id,event_id,event_type,event_time
            c,a,view,2026-01-01T09:00:00Z
            c,b,view,2026-01-03T23:00:00Z
            """);
    List<Instant> times = new ArrayList<>();
    try (EventLog log = EventLog.open(file, null, MEASURES, DIMENSIONS)) {
      var shifted =
          new ShiftedEvents(
              log,
              java.time.Clock.fixed(
                  Instant.parse("2026-03-03T01:00:00Z"), java.time.ZoneOffset.UTC));
      shifted.forEach(event -> times.add(Instant.ofEpochMilli(event.timeMs())));

      assertThat(shifted.days()).isEqualTo(58);
    }
    assertThat(times)
        .containsExactly(
            Instant.parse("2026-02-28T09:00:00Z"), Instant.parse("2026-03-02T23:00:00Z"));
  }

  private static List<LoggedEvent> read(Path file, @Nullable Path mapping) {
    List<LoggedEvent> events = new ArrayList<>();
    try (EventLog log = EventLog.open(file, mapping, MEASURES, DIMENSIONS)) {
      log.forEach(EventLog.Order.TIME, events::add);
      assertThat(log.size()).isEqualTo(events.size());
    }
    return events;
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static long ms(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }
}
