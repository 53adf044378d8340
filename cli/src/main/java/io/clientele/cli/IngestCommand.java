package io.clientele.cli;

import io.clientele.featurestore.v1.EventType;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetCatalogRequest;
import io.clientele.featurestore.v1.GetCatalogResponse;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends an event log to a feature store. */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    description = "Sends the events of a CSV or Parquet file to the feature store.")
final class IngestCommand implements Callable<Integer> {
  private static final int CATALOG_TIMEOUT_SECONDS = 10;

  @Mixin private EventLogOptions events = new EventLogOptions();

  @Option(
      names = "--shift-to-today",
      description =
          "Move every event by the same number of whole days, so that the newest one is not older"
              + " than a day.")
  private boolean shiftToToday;

  @Option(
      names = "--feature-store",
      defaultValue = "127.0.0.1:7101",
      paramLabel = "HOST:PORT",
      description = "Where the feature store is. Default: ${DEFAULT-VALUE}.")
  private HostPort featureStore = new HostPort("127.0.0.1", 7101);

  @Override
  public Integer call() {
    ManagedChannel channel = Channels.open(featureStore);
    try {
      CatalogNames names = CatalogNames.of(channel);
      try (EventLog log = events.open(names.measures(), names.dimensions())) {
        long startNs = System.nanoTime();
        VerdictCounts verdicts = send(shiftToToday ? shifted(log) : log, channel, "Events");
        double seconds = (System.nanoTime() - startNs) / 1e9;
        System.out.printf(
            "%,d events in %.1f s (%,.0f a second): %s%n",
            verdicts.total(), seconds, verdicts.total() / seconds, verdicts);
        verdicts.reasons().forEach(reason -> System.out.println("  " + reason));
        return 0;
      }
    } catch (StatusRuntimeException e) {
      throw new CallException("feature store", featureStore, e);
    } finally {
      Channels.close(channel);
    }
  }

  /** The events moved to today; says so. */
  static ShiftedEvents shifted(EventSource events) {
    ShiftedEvents shifted = new ShiftedEvents(events, Clock.systemUTC());
    System.out.printf(
        "Every event is moved by %,d days: the last day of the log, %s, becomes %s.%n",
        shifted.days(), day(events), day(shifted));
    return shifted;
  }

  private static LocalDate day(EventSource events) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(events.newestTimeMs()), ZoneOffset.UTC);
  }

  /** Sends events, with a progress bar. */
  static VerdictCounts send(EventSource events, ManagedChannel channel, String title) {
    try (ProgressBar bar =
            new ProgressBarBuilder()
                .setTaskName(title)
                .setInitialMax(events.size())
                .setStyle(ProgressBarStyle.ASCII)
                .build();
        EventSender sender = new EventSender(channel, bar::stepTo)) {
      events.forEach(sender::send);
      return sender.finish();
    }
  }

  /** The names that a log's columns may have. */
  record CatalogNames(Set<String> measures, Set<String> dimensions) {
    static CatalogNames of(ManagedChannel channel) {
      GetCatalogResponse catalog =
          FeatureStoreGrpc.newBlockingStub(channel)
              .withDeadlineAfter(CATALOG_TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .getCatalog(GetCatalogRequest.getDefaultInstance());
      return new CatalogNames(
          catalog.getEventTypesList().stream()
              .map(EventType::getMeasuresList)
              .flatMap(names -> names.stream())
              .collect(Collectors.toSet()),
          catalog.getEventTypesList().stream()
              .map(EventType::getDimensionsList)
              .flatMap(names -> names.stream())
              .collect(Collectors.toSet()));
    }
  }
}
