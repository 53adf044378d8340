package io.clientele.cli;

import io.clientele.featurestore.catalog.Catalog;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name an event log. */
final class EventLogOptions {
  @Option(
      names = "--events",
      required = true,
      paramLabel = "FILE",
      description = "The event log, CSV or Parquet.")
  private Path events = Path.of("");

  @Option(
      names = "--map",
      paramLabel = "FILE",
      description = "SQL that maps a log of another shape: a SELECT over input.")
  private @Nullable Path mapping;

  /** As {@link EventLog#open(Path, Path, Catalog)}. */
  EventLog open(Catalog catalog) {
    return EventLog.open(events, mapping, catalog);
  }

  /** As {@link EventLog#open(Path, Path, Set, Set)}. */
  EventLog open(Set<String> measures, Set<String> dimensions) {
    return EventLog.open(events, mapping, measures, dimensions);
  }
}
