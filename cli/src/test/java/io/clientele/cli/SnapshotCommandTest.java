package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.grpc.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SnapshotCommandTest {
  @TempDir private Path folder = Path.of("");
  private Path events = Path.of("");
  private Path out = Path.of("");

  @BeforeEach
  void writeLog() throws IOException {
    events = folder.resolve("events.csv");
    out = folder.resolve("rows.csv");
    Files.writeString(
        events,
        """
        customer_id,event_id,event_type,event_time,amount,items
        ann,1,order,2026-01-10T10:00:00Z,10.00,1
        ann,2,order,2026-01-31T23:59:59.999Z,20.00,1
        ann,3,order,2026-02-01T00:00:00Z,5.25,1
        ann,3,order,2026-02-01T00:00:00Z,5.25,1
        ann,4,order,2026-02-10T23:59:59.999Z,1.50,1
        ann,5,order,2026-02-11T00:00:00Z,99.00,1
        bob,1,order,2026-01-15,30.00,2
        bob,2,return,2026-02-05,30.00,2
        eve,1,order,2026-02-03,7.00,1
        ,1,order,2026-01-20,8.00,1
        eve,2,order,2026-03-15,nan,1
        """);
  }

  @Test
  void writesFeaturesAsTheyWereAndLabelsOfWhatCameAfter() throws SQLException {
    assertThat(snapshot("--as-of=2026-01-31", "--horizon=10d")).isZero();

    assertThat(
            rows(
                "customer_id, as_of, orders_lifetime, spend_lifetime, order_gap_mean_days,"
                    + " returns_lifetime, label_orders, label_spend, label_churned"))
        .containsExactly(
            "ann|2026-01-31 23:59:59.999|2.0|30.0|21.0|0.0|2|6.75|0",
            "bob|2026-01-31 23:59:59.999|1.0|30.0|null|0.0|0|0.0|1");
  }

  @Test
  void appliesCorrectionsWheneverTheyWereMade() throws IOException, SQLException {
    Files.writeString(
        events,
        """
        customer_id,event_id,event_type,event_time,amount,items,correction,corrected_at
        ann,1,order,2026-01-10,10.00,1,,
        ann,2,order,2026-01-20,20.00,1,,
        ann,2,order,,,,cancel,2026-03-01
        ann,3,order,2026-02-05,30.00,1,,
        ann,3,order,2026-02-06,33.00,1,amend,2026-03-02
        bob,1,order,2026-01-15,30.00,2,,
        bob,1,order,,,,cancel,2026-01-16
        """);

    assertThat(snapshot("--as-of=2026-01-31", "--horizon=10d", "--until=2026-02-28")).isZero();

    assertThat(rows("customer_id, orders_lifetime, spend_lifetime, label_orders, label_spend"))
        .containsExactly("ann|1.0|10.0|1|33.0");
  }

  @Test
  void writesARowForEveryMomentAndCustomerKnownByThen() throws SQLException {
    assertThat(snapshot("--as-of=2026-02-28,2026-01-31T12:00:00Z")).isZero();

    assertThat(rows("as_of, customer_id, orders_lifetime, spend_30d"))
        .containsExactly(
            "2026-01-31 12:00:00.0|ann|1.0|10.0",
            "2026-01-31 12:00:00.0|bob|1.0|30.0",
            "2026-02-28 23:59:59.999|ann|5.0|125.75",
            "2026-02-28 23:59:59.999|bob|1.0|0.0",
            "2026-02-28 23:59:59.999|eve|1.0|7.0");
    assertThat(columns()).noneMatch(name -> name.startsWith("label_"));
  }

  @Test
  void writesTheSameToParquet() throws SQLException {
    assertThat(snapshot("--as-of=2026-01-31", "--horizon=10d")).isZero();
    List<String> csv = rows("* EXCLUDE (as_of)");
    out = folder.resolve("rows.parquet");
    assertThat(snapshot("--as-of=2026-01-31", "--horizon=10d")).isZero();

    assertThat(rows("* EXCLUDE (as_of)")).isEqualTo(csv);
  }

  @Test
  void saysBesideTheRowsWhatTheColumnsMean() throws IOException {
    assertThat(snapshot("--as-of=2026-01-31", "--horizon=10d")).isZero();

    JsonNode meta = new JsonMapper().readTree(Files.readString(Path.of(out + ".meta.json")));
    Catalog catalog = Catalog.retail();
    assertThat(meta.get("catalog_hash").asString()).isEqualTo(catalog.hash());
    assertThat(meta.get("as_of").get(0).asString()).isEqualTo("2026-01-31T23:59:59.999Z");
    assertThat(meta.get("horizon_days").asInt()).isEqualTo(10);
    assertThat(meta.get("rows").asInt()).isEqualTo(2);
    assertThat(meta.get("features").size()).isEqualTo(catalog.features().size());
    assertThat(meta.get("features").get(0).get("definition").asString())
        .isEqualTo(catalog.features().getFirst().definition());
  }

  @Test
  void refusesAHorizonThatTheLogDoesNotCover() throws SQLException {
    assertThat(snapshot("--as-of=2026-03-01", "--horizon=30d")).isEqualTo(2);
    assertThat(out).doesNotExist();

    assertThat(snapshot("--as-of=2026-03-01", "--horizon=30d", "--until=2026-04-30")).isZero();
    assertThat(rows("customer_id, label_churned")).containsExactly("ann|1", "bob|1", "eve|1");
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    assertThat(snapshot("--as-of=soon")).isEqualTo(2);
    assertThat(snapshot("--as-of=2026-01-31", "--horizon=10")).isEqualTo(2);
    out = folder.resolve("rows.txt");
    assertThat(snapshot("--as-of=2026-01-31")).isEqualTo(2);
    assertThat(out).doesNotExist();
  }

  private int snapshot(String... args) {
    Stream<String> all =
        Stream.concat(
            Stream.of("snapshot", "--events=" + events, "--out=" + out), Arrays.stream(args));
    return Settings.run(new Clientele(), all.toArray(String[]::new));
  }

  private List<String> columns() throws SQLException {
    return query("SELECT column_name FROM (DESCRIBE SELECT * FROM '" + out + "')");
  }

  private List<String> rows(String columns) throws SQLException {
    String source =
        out.toString().endsWith(".csv")
            ? "read_csv('" + out + "', types = {'customer_id': 'VARCHAR'})"
            : "'" + out + "'";
    return query(
        "SELECT " + columns + " FROM (SELECT * FROM " + source + " ORDER BY as_of, customer_id)");
  }

  private static List<String> query(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (var duckdb = DriverManager.getConnection("jdbc:duckdb:");
        var statement = duckdb.createStatement();
        var result = statement.executeQuery(sql)) {
      int width = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> cells = new ArrayList<>();
        for (int i = 1; i <= width; i++) {
          cells.add(String.valueOf(result.getObject(i)));
        }
        rows.add(String.join("|", cells));
      }
    }
    return rows;
  }
}
