package io.clientele.cli;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Dimension;
import io.clientele.featurestore.catalog.EventType;
import io.clientele.featurestore.catalog.Measure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An event log in a CSV or Parquet file, read through DuckDB.
 *
 * <p>The log has the columns {@code customer_id}, {@code event_id}, {@code event_type}, {@code
 * event_time} (UTC where it names no zone), and one column a measure and a dimension. Where it has
 * the columns {@code correction} and {@code corrected_at}, a row with {@code cancel} or {@code
 * amend} in the former corrects the event of its id and type; a cancellation needs no event time. A
 * file of another shape needs a mapping: a SELECT over {@code input}, which gives those columns. In
 * {@code input} all columns of a CSV are text, so that nothing is guessed and no leading zero is
 * lost.
 *
 * <p>Not thread-safe.
 */
public final class EventLog implements EventSource, AutoCloseable {
  private static final List<String> REQUIRED =
      List.of("customer_id", "event_id", "event_type", "event_time");

  private static final String CORRECTION = "correction";
  private static final String CORRECTED_AT = "corrected_at";

  /** Columns of the table before those of measures. */
  private static final int FIXED_COLUMNS = 6;

  private final Connection connection;
  private final List<String> measures = new ArrayList<>();
  private final List<String> dimensions = new ArrayList<>();

  private EventLog(Connection connection) {
    this.connection = connection;
  }

  /** In which order a log is read. Rows that are equal in it come by event id. */
  public enum Order {
    TIME("at_ms, customer_id, event_id"),
    CUSTOMER("customer_id, at_ms, event_id");

    private final String columns;

    Order(String columns) {
      this.columns = columns;
    }
  }

  /**
   * Opens a log whose columns are the measures and dimensions of a catalog; else as {@link
   * #open(Path, Path, Set, Set)}.
   */
  public static EventLog open(Path file, @Nullable Path mapping, Catalog catalog) {
    List<EventType> types = catalog.eventTypes();
    return open(
        file,
        mapping,
        types.stream()
            .flatMap(type -> type.measures().stream())
            .map(Measure::name)
            .collect(Collectors.toSet()),
        types.stream()
            .flatMap(type -> type.dimensions().stream())
            .map(Dimension::name)
            .collect(Collectors.toSet()));
  }

  /**
   * Opens a log.
   *
   * @param mapping a file with a SELECT over {@code input}; null where the log has its shape
   *     already
   * @param measures the catalog's names of measures
   * @param dimensions the catalog's names of dimensions
   * @throws EventLogException if a file cannot be read, the mapping is no SELECT, or a column is
   *     missing or unknown
   */
  static EventLog open(
      Path file, @Nullable Path mapping, Set<String> measures, Set<String> dimensions) {
    if (!Files.isReadable(file)) {
      throw new EventLogException(file + ": no such file, or not readable");
    }
    EventLog log;
    try {
      Properties properties = new Properties();
      properties.setProperty("jdbc_stream_results", "true");
      log = new EventLog(DriverManager.getConnection("jdbc:duckdb:", properties));
    } catch (SQLException e) {
      throw new EventLogException("DuckDB does not start: " + e.getMessage(), e);
    }
    try {
      log.createViews(file, mapping);
      log.createTable(log.classifiedColumns(file, measures, dimensions));
      return log;
    } catch (SQLException | RuntimeException e) {
      log.close();
      throw e instanceof EventLogException known
          ? known
          : new EventLogException(
              mapping == null
                  ? file + ": " + withoutStatement(String.valueOf(e.getMessage()))
                  : mapping + ": " + e.getMessage(),
              e);
    }
  }

  private void createViews(Path file, @Nullable Path mapping) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      String path = "'" + file.toString().replace("'", "''") + "'";
      String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
      String source =
          name.endsWith(".parquet")
              ? "read_parquet(" + path + ")"
              : "read_csv(" + path + ", all_varchar = true, header = true)";
      statement.execute("CREATE VIEW input AS SELECT * FROM " + source);
      String select =
          mapping == null ? "SELECT * FROM input" : stripSemicolon(Files.readString(mapping));
      statement.execute("CREATE TABLE mapped AS " + select);
    } catch (IOException e) {
      throw new EventLogException(mapping + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** DuckDB ends a message with the statement, which is ours where there is no mapping. */
  private static String withoutStatement(String message) {
    int statement = message.indexOf("\n\nLINE ");
    return statement < 0 ? message : message.substring(0, statement);
  }

  private static String stripSemicolon(String sql) {
    return sql.strip().replaceFirst(";\\s*$", "");
  }

  /** Sorts the columns into measures and dimensions, and returns the type of each. */
  private Map<String, String> classifiedColumns(
      Path file, Set<String> knownMeasures, Set<String> knownDimensions) throws SQLException {
    Set<String> missing = new TreeSet<>(REQUIRED);
    List<String> unknown = new ArrayList<>();
    Map<String, String> columns = columns();
    for (String name : columns.keySet()) {
      if (knownMeasures.contains(name)) {
        measures.add(name);
      } else if (knownDimensions.contains(name)) {
        dimensions.add(name);
      } else if (name.equals(CORRECTION)) {
        missing.add(CORRECTED_AT);
      } else if (!missing.remove(name) && !name.equals(CORRECTED_AT)) {
        unknown.add(name);
      }
    }
    if (columns.containsKey(CORRECTED_AT)) {
      missing.remove(CORRECTED_AT);
    }
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw new EventLogException(
          file
              + ": not an event log: "
              + (missing.isEmpty() ? "" : "no column " + String.join(", ", missing) + "; ")
              + (unknown.isEmpty() ? "" : "unknown column " + String.join(", ", unknown) + "; ")
              + "expected: "
              + Stream.of(REQUIRED, new TreeSet<>(knownMeasures), new TreeSet<>(knownDimensions))
                  .flatMap(names -> names.stream())
                  .collect(Collectors.joining(", "))
              + ". Map a log of another shape with --map.");
    }
    return columns;
  }

  /** Converts every value once, so that one that does not convert is named here. */
  private void createTable(Map<String, String> types) throws SQLException {
    boolean corrects = types.containsKey(CORRECTION) && !measures.contains(CORRECTION);
    String columns =
        Stream.of(
                Stream.of(
                    "customer_id::VARCHAR AS customer_id",
                    "event_id::VARCHAR AS event_id",
                    "event_type::VARCHAR AS event_type",
                    milliseconds("event_time", types) + " AS event_time_ms",
                    (corrects ? "nullif(lower(trim(correction::VARCHAR)), '')" : "NULL::VARCHAR")
                        + " AS correction",
                    (corrects ? milliseconds(CORRECTED_AT, types) : "NULL::BIGINT")
                        + " AS corrected_ms"),
                measures.stream().map(name -> "%1$s::DOUBLE AS %1$s".formatted(quoted(name))),
                dimensions.stream().map(EventLog::quoted))
            .flatMap(names -> names)
            .collect(Collectors.joining(", "));
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE log AS SELECT *, "
              + "CASE WHEN correction IS NULL THEN event_time_ms ELSE corrected_ms END AS at_ms "
              + "FROM (SELECT "
              + columns
              + " FROM mapped)");
      statement.execute("DROP TABLE mapped");
    }
  }

  private static String milliseconds(String column, Map<String, String> types) {
    String type = types.getOrDefault(column, "");
    boolean zoneless = type.equals("TIMESTAMP") || type.equals("DATE");
    return "epoch_ms(%s::%s)".formatted(column, zoneless ? "TIMESTAMP" : "TIMESTAMPTZ");
  }

  private Map<String, String> columns() throws SQLException {
    Map<String, String> columns = new java.util.LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT column_name, data_type FROM information_schema.columns"
                    + " WHERE table_name = 'mapped' ORDER BY ordinal_position")) {
      while (rows.next()) {
        columns.put(rows.getString(1), rows.getString(2));
      }
    }
    return columns;
  }

  @Override
  public long size() {
    return number("SELECT count(*) FROM log");
  }

  @Override
  public long newestTimeMs() {
    return number("SELECT coalesce(max(at_ms), 0) FROM log");
  }

  /** The types of events that it has. */
  Set<String> types() {
    String select = "SELECT DISTINCT event_type FROM log WHERE event_type IS NOT NULL";
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(select)) {
      Set<String> types = new TreeSet<>();
      while (rows.next()) {
        types.add(rows.getString(1));
      }
      return types;
    } catch (SQLException e) {
      throw new EventLogException(e.getMessage() == null ? select : e.getMessage(), e);
    }
  }

  private long number(String sql) {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new EventLogException(e.getMessage() == null ? sql : e.getMessage(), e);
    }
  }

  @Override
  public void forEach(Consumer<LoggedEvent> consumer) {
    forEach(Order.TIME, consumer);
  }

  /** Hands every event to the consumer, one after the other. */
  public void forEach(Order order, Consumer<LoggedEvent> consumer) {
    String select = "SELECT * FROM log ORDER BY " + order.columns;
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(select)) {
      while (rows.next()) {
        consumer.accept(event(rows));
      }
    } catch (SQLException e) {
      throw new EventLogException(e.getMessage() == null ? select : e.getMessage(), e);
    }
  }

  private LoggedEvent event(ResultSet rows) throws SQLException {
    Map<String, Double> values = HashMap.newHashMap(measures.size());
    for (int i = 0; i < measures.size(); i++) {
      double value = rows.getDouble(FIXED_COLUMNS + 1 + i);
      if (!rows.wasNull()) {
        values.put(measures.get(i), value);
      }
    }
    Map<String, List<String>> labels = HashMap.newHashMap(dimensions.size());
    for (int i = 0; i < dimensions.size(); i++) {
      List<String> cell = labels(rows.getObject(FIXED_COLUMNS + measures.size() + 1 + i));
      if (!cell.isEmpty()) {
        labels.put(dimensions.get(i), cell);
      }
    }
    LoggedCorrection correction = correction(rows);
    long timeMs =
        correction != null && correction.kind() == LoggedCorrection.Kind.CANCEL
            ? correction.correctedMs()
            : time(rows, 4, "event_time");
    return new LoggedEvent(
        text(rows.getString(1)),
        text(rows.getString(2)),
        text(rows.getString(3)),
        timeMs,
        values,
        labels,
        correction);
  }

  private static @Nullable LoggedCorrection correction(ResultSet rows) throws SQLException {
    String kind = rows.getString(5);
    return switch (kind) {
      case null -> null;
      case "cancel" ->
          new LoggedCorrection(LoggedCorrection.Kind.CANCEL, time(rows, 6, CORRECTED_AT));
      case "amend" ->
          new LoggedCorrection(LoggedCorrection.Kind.AMEND, time(rows, 6, CORRECTED_AT));
      default -> throw wrong(CORRECTION, kind, "cancel, amend, or nothing", rows);
    };
  }

  private static long time(ResultSet rows, int column, String name) throws SQLException {
    long timeMs = rows.getLong(column);
    if (rows.wasNull()) {
      throw wrong(name, "empty", "a UTC timestamp", rows);
    }
    return timeMs;
  }

  private static EventLogException wrong(
      String column, String value, String expected, ResultSet rows) throws SQLException {
    return new EventLogException(
        "%s: %s (expected: %s), in the event %s of customer %s"
            .formatted(column, value, expected, rows.getString(2), rows.getString(1)));
  }

  private static List<String> labels(@Nullable Object cell) throws SQLException {
    return switch (cell) {
      case null -> List.of();
      case Array array ->
          Arrays.stream((Object[]) array.getArray())
              .filter(value -> value != null)
              .map(Object::toString)
              .toList();
      default ->
          Arrays.stream(cell.toString().split("\\|", -1))
              .map(String::strip)
              .filter(value -> !value.isEmpty())
              .toList();
    };
  }

  private static String text(@Nullable String cell) {
    return cell == null ? "" : cell;
  }

  private static String quoted(String column) {
    return '"' + column.replace("\"", "\"\"") + '"';
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new EventLogException("DuckDB does not close: " + e.getMessage(), e);
    }
  }
}
