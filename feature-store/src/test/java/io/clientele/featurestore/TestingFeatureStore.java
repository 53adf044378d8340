package io.clientele.featurestore;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** A real feature store on a free port, and a channel to it. */
final class TestingFeatureStore implements AutoCloseable {
  private final Metrics metrics = Metrics.start(new HostPort("127.0.0.1", 0));
  private final FeatureStoreServer server;
  private final ManagedChannel channel;

  TestingFeatureStore(RedisSettings redis, Path models, InstantSource clock) {
    this(redis, ChangeSettings.DEFAULT, models, clock);
  }

  TestingFeatureStore(
      RedisSettings redis, ChangeSettings changes, Path models, InstantSource clock) {
    this(redis, changes, models, clock, FeatureStoreSettings.DEFAULT_STATISTICS_ROWS);
  }

  TestingFeatureStore(
      RedisSettings redis,
      ChangeSettings changes,
      Path models,
      InstantSource clock,
      int statisticsRows) {
    this(redis, changes, Catalog.retail(), models, clock, statisticsRows);
  }

  /** With a catalog that is not the one that ships. */
  TestingFeatureStore(RedisSettings redis, Catalog catalog, Path models, InstantSource clock) {
    this(
        redis,
        ChangeSettings.DEFAULT,
        catalog,
        models,
        clock,
        FeatureStoreSettings.DEFAULT_STATISTICS_ROWS);
  }

  private TestingFeatureStore(
      RedisSettings redis,
      ChangeSettings changes,
      Catalog catalog,
      Path models,
      InstantSource clock,
      int statisticsRows) {
    var listen = new ServerSettings(new HostPort("127.0.0.1", 0), 4 << 20, Duration.ofSeconds(1));
    server =
        FeatureStoreServer.start(
            new FeatureStoreSettings(listen, redis, changes, catalog, models, statisticsRows),
            metrics,
            clock);
    channel = Channels.open(server.address());
  }

  ManagedChannel channel() {
    return channel;
  }

  FeatureStoreGrpc.FeatureStoreBlockingStub stub() {
    return FeatureStoreGrpc.newBlockingStub(channel);
  }

  GetFeaturesResponse features(String... customers) {
    return stub()
        .getFeatures(GetFeaturesRequest.newBuilder().addAllCustomerIds(List.of(customers)).build());
  }

  /** Waits until the store says so. */
  void awaitHealth(ServingStatus wanted) {
    var statuses =
        HealthGrpc.newBlockingStub(channel)
            .withDeadlineAfter(Duration.ofSeconds(60))
            .watch(HealthCheckRequest.getDefaultInstance());
    while (statuses.next().getStatus() != wanted) {
      // the next change
    }
  }

  /** What the metrics port shows. */
  String metrics() {
    try (HttpClient client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://" + metrics.address() + "/metrics")).build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    Channels.close(channel);
    server.close();
    metrics.close();
  }
}
