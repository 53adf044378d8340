package io.clientele.cli;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Feature;
import io.clientele.featurestore.catalog.Label;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A snapshot on its way into a CSV or Parquet file: {@code customer_id}, {@code as_of}, the
 * features in catalog order (float32; empty or NULL where missing), then {@code label_orders},
 * {@code label_spend} and {@code label_churned} where there is a horizon. Beside it, in {@code
 * <file>.meta.json}, stands what the columns mean. Not thread-safe.
 */
final class SnapshotFile implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path file;
  private final Catalog catalog;
  private final @Nullable Duration horizon;
  private final DuckDBConnection connection;
  private final DuckDBAppender appender;
  private long rows;

  SnapshotFile(Path file, Catalog catalog, @Nullable Duration horizon) throws SQLException {
    this.file = file;
    this.catalog = catalog;
    this.horizon = horizon;
    connection = (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:");
    try (Statement statement = connection.createStatement()) {
      StringBuilder columns = new StringBuilder("customer_id VARCHAR, as_of TIMESTAMP");
      for (Feature feature : catalog.features()) {
        columns.append(", \"").append(feature.name()).append("\" FLOAT");
      }
      if (horizon != null) {
        columns.append(", label_orders BIGINT, label_spend DOUBLE, label_churned INTEGER");
      }
      statement.execute("CREATE TABLE snapshot (" + columns + ")");
    }
    appender = connection.createAppender(DuckDBConnection.DEFAULT_SCHEMA, "snapshot");
  }

  /** Adds a row; NaN is a missing feature. */
  void add(String customerId, Instant asOf, float[] values, Snapshot.@Nullable Labels labels) {
    try {
      appender.beginRow();
      appender.append(customerId);
      appender.append(LocalDateTime.ofInstant(asOf, ZoneOffset.UTC));
      for (float value : values) {
        if (Float.isNaN(value)) {
          appender.appendNull();
        } else {
          appender.append(value);
        }
      }
      if (labels != null) {
        appender.append(labels.orders());
        appender.append(labels.spend());
        appender.append(labels.orders() == 0 ? 1 : 0);
      }
      appender.endRow();
      rows++;
    } catch (SQLException e) {
      throw new EventLogException(file + ": " + e.getMessage(), e);
    }
  }

  /** Writes the file and its sidecar, and returns how many rows it has. */
  long write(List<Instant> asOf) throws SQLException, IOException {
    appender.close();
    boolean parquet = file.toString().toLowerCase(Locale.ROOT).endsWith(".parquet");
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM snapshot ORDER BY as_of, customer_id) TO '"
              + file.toString().replace("'", "''")
              + (parquet ? "' (FORMAT parquet, COMPRESSION zstd)" : "' (FORMAT csv, HEADER)"));
    }
    Files.writeString(
        Path.of(file + ".meta.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(meta(asOf)) + "\n");
    return rows;
  }

  private ObjectNode meta(List<Instant> asOf) {
    ObjectNode meta = JSON.createObjectNode();
    meta.put("catalog_hash", catalog.hash());
    var features = meta.putArray("features");
    for (Feature feature : catalog.features()) {
      features
          .addObject()
          .put("name", feature.name())
          .put("definition", feature.definition())
          .put("meaning", feature.meaning());
    }
    var moments = meta.putArray("as_of");
    asOf.forEach(moment -> moments.add(moment.toString()));
    if (horizon == null) {
      meta.putNull("horizon_days");
    } else {
      meta.put("horizon_days", horizon.toDays());
    }
    meta.put("rows", rows);
    Label label = catalog.label();
    if (label != null) {
      meta.put("label_event", label.event().name());
      meta.put("label_measure", label.measure().name());
    }
    return meta;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
