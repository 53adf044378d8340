package io.clientele.cli;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.Verdict;
import io.clientele.grpc.SettingsProblems;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes training sets: features at past moments, with labels. */
@Command(
    name = "snapshot",
    mixinStandardHelpOptions = true,
    description =
        "Folds an event log with the engine that serves features, and writes one row a customer and"
            + " moment: features, and with a horizon the labels that came after.")
final class SnapshotCommand implements Callable<Integer> {
  @Mixin private EventLogOptions events = new EventLogOptions();

  @Option(
      names = "--as-of",
      required = true,
      split = ",",
      paramLabel = "DATE|INSTANT",
      description = "Moments; a date stands for the end of that day in UTC.")
  private List<String> asOf = List.of();

  @Option(
      names = "--horizon",
      paramLabel = "DURATION",
      description = "How far labels look ahead, such as 90d. Without it there are none.")
  private @Nullable Duration horizon;

  @Option(
      names = "--until",
      paramLabel = "DATE|INSTANT",
      description =
          "The log is complete up to here. Default: the end of the day of its newest event.")
  private @Nullable String until;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "What to write, .csv or .parquet.")
  private Path out = Path.of("");

  @Option(
      names = "--catalog",
      paramLabel = "FILE",
      description = "The catalog. Default: the one that ships.")
  private @Nullable Path catalogFile;

  @Override
  public Integer call() throws IOException, SQLException {
    Catalog catalog = catalogFile == null ? Catalog.retail() : Catalog.load(catalogFile);
    List<Instant> moments = moments(catalog);
    try (EventLog log = events.open(catalog);
        SnapshotFile file = new SnapshotFile(out, catalog, horizon)) {
      checkHorizon(log, moments);
      Snapshot snapshot = new Snapshot(catalog, moments, horizon);
      snapshot.write(consumer -> log.forEach(EventLog.Order.CUSTOMER, consumer), file::add);
      long rows = file.write(moments);
      System.out.printf("%s: %,d rows; events: %s%n", out, rows, counts(snapshot));
      snapshot.reasons().forEach(reason -> System.out.println("  " + reason));
    }
    return 0;
  }

  private List<Instant> moments(Catalog catalog) {
    SettingsProblems problems = new SettingsProblems();
    List<Instant> moments = new ArrayList<>();
    for (String text : asOf) {
      try {
        moments.add(AsOf.parse(text.strip()));
      } catch (IllegalArgumentException e) {
        problems.add("--as-of: " + e.getMessage());
      }
    }
    problems.require(horizon == null || horizon.toDays() >= 1, "--horizon", horizon, "1d or more");
    problems.require(
        horizon == null || catalog.label() != null, "--horizon", horizon, "a catalog with a label");
    String name = out.toString();
    problems.require(
        name.endsWith(".csv") || name.endsWith(".parquet"), "--out", out, "*.csv or *.parquet");
    problems.throwIfAny();
    return moments.stream().sorted().distinct().toList();
  }

  private void checkHorizon(EventLog log, List<Instant> moments) {
    if (horizon == null) {
      return;
    }
    Instant end =
        until == null
            ? AsOf.parse(
                Instant.ofEpochMilli(log.newestTimeMs())
                    .atZone(ZoneOffset.UTC)
                    .toLocalDate()
                    .toString())
            : AsOf.parse(until);
    SettingsProblems problems = new SettingsProblems();
    for (Instant moment : moments) {
      problems.require(
          !moment.plus(horizon).isAfter(end),
          "--as-of",
          moment,
          "at most %s, so that the horizon of %d days ends by %s, when the log ends; --until says"
                  .formatted(end.minus(horizon), horizon.toDays(), end)
              + " otherwise");
    }
    problems.throwIfAny();
  }

  private static String counts(Snapshot snapshot) {
    Map<Verdict, Long> verdicts = snapshot.verdicts();
    return "%,d applied, %,d duplicate, %,d too old, %,d rejected"
            .formatted(
                verdicts.getOrDefault(Verdict.APPLIED, 0L),
                verdicts.getOrDefault(Verdict.DUPLICATE, 0L),
                verdicts.getOrDefault(Verdict.TOO_OLD, 0L),
                verdicts.getOrDefault(Verdict.REJECTED, 0L))
        + (snapshot.corrections() == 0 ? "" : ", %,d corrected".formatted(snapshot.corrections()));
  }
}
