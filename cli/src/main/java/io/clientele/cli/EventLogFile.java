package io.clientele.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * An event log on its way into a CSV or Parquet file, in the form that {@link EventLog} reads. It
 * is written row by row, so that its length costs disk and no memory. Ids and labels must be free
 * of commas, quotes and line breaks, as those of made-up events are. Not thread-safe.
 */
final class EventLogFile implements AutoCloseable {
  private static final String MEMORY_LIMIT = "512MB";

  private final Path file;
  private final Path csv;
  private final List<String> measures;
  private final List<String> dimensions;
  private final BufferedWriter writer;
  private long rows;

  /**
   * @param measures columns of numbers
   * @param dimensions columns of labels
   */
  EventLogFile(Path file, List<String> measures, List<String> dimensions) throws IOException {
    this.file = file;
    this.measures = List.copyOf(measures);
    this.dimensions = List.copyOf(dimensions);
    csv = isParquet(file) ? Path.of(file + ".csv") : file;
    writer = Files.newBufferedWriter(csv);
    writer.write("customer_id,event_id,event_type,event_time");
    for (String column : measures) {
      writer.write("," + column);
    }
    for (String column : dimensions) {
      writer.write("," + column);
    }
    writer.write("\n");
  }

  /** Whether it can be written: CSV or Parquet. */
  static boolean isLog(Path file) {
    return isParquet(file) || lowerCase(file).endsWith(".csv");
  }

  private static boolean isParquet(Path file) {
    return lowerCase(file).endsWith(".parquet");
  }

  private static String lowerCase(Path file) {
    return file.toString().toLowerCase(Locale.ROOT);
  }

  void add(LoggedEvent event) {
    var row = new StringBuilder(96);
    row.append(event.customerId());
    row.append(',').append(event.eventId());
    row.append(',').append(event.type());
    row.append(',').append(Instant.ofEpochMilli(event.timeMs()));
    for (String measure : measures) {
      Double value = event.measures().get(measure);
      row.append(',').append(value == null ? "" : value);
    }
    for (String dimension : dimensions) {
      row.append(',');
      row.append(String.join("|", event.dimensions().getOrDefault(dimension, List.of())));
    }
    try {
      writer.append(row.append('\n'));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
    rows++;
  }

  /** Ends the file and returns how many rows it has. */
  long finish() throws IOException, SQLException {
    writer.close();
    if (isParquet(file)) {
      try (var duckdb = DriverManager.getConnection("jdbc:duckdb:");
          Statement statement = duckdb.createStatement()) {
        statement.execute("SET memory_limit = '" + MEMORY_LIMIT + "'");
        statement.execute(
            "COPY (SELECT %s FROM read_csv(%s, all_varchar = true)) TO %s"
                    .formatted(typedColumns(), quoted(csv), quoted(file))
                + " (FORMAT parquet, COMPRESSION zstd)");
      }
    }
    return rows;
  }

  private String typedColumns() {
    var columns = new StringBuilder("customer_id, event_id, event_type");
    columns.append(", event_time::TIMESTAMPTZ AS event_time");
    measures.forEach(name -> columns.append(", %1$s::DOUBLE AS %1$s".formatted(name)));
    dimensions.forEach(name -> columns.append(", ").append(name));
    return columns.toString();
  }

  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "''") + "'";
  }

  /** Removes what served to write a Parquet file. */
  @Override
  public void close() throws IOException {
    writer.close();
    if (isParquet(file)) {
      Files.deleteIfExists(csv);
    }
  }
}
