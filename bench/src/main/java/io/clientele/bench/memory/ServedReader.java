package io.clientele.bench.memory;

import io.clientele.featurestore.FeatureStoreServer;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.Channels;
import io.clientele.grpc.Metrics;
import io.grpc.ManagedChannel;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Reads through a feature store's {@code GetFeatures}, over loopback. Thread-safe. */
final class ServedReader implements MatrixReader, AutoCloseable {
  private final FeatureStoreServer server;
  private final ManagedChannel channel;
  private final FeatureStoreGrpc.FeatureStoreBlockingStub stub;

  ServedReader(URI redis, long nowMs) {
    server =
        FeatureStoreServer.start(
            DefaultStore.settings(redis),
            Metrics.start(null),
            InstantSource.fixed(Instant.ofEpochMilli(nowMs)));
    channel = Channels.open(server.address());
    stub = FeatureStoreGrpc.newBlockingStub(channel);
  }

  @Override
  public void read(List<String> customerIds, ByteBuffer values) {
    GetFeaturesResponse response =
        stub.getFeatures(GetFeaturesRequest.newBuilder().addAllCustomerIds(customerIds).build());
    values.clear();
    response.getValues().copyTo(values);
  }

  @Override
  public void close() {
    Channels.close(channel);
    server.close();
  }
}
