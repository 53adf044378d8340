package io.clientele.featurestore;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.v1.Embedding;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.FeatureValue;
import io.clientele.featurestore.v1.FeatureWrite;
import io.clientele.featurestore.v1.WriteFeaturesRequest;
import io.clientele.featurestore.v1.WriteFeaturesResponse;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Writes groups of a small catalog, each batch list on a stream of its own. */
final class TestingWriter {
  static final String YAML =
      """
      entity: customer
      retention: 400d
      future_tolerance: 5m
      events:
        order:
          duplicates: retention
          measures: {amount: {decimals: 2}, items: {decimals: 0}}
          dimensions: {category: {max_values: 8}}
      features:
        - {name: orders, count: order, window: lifetime}
        - {name: recency, recency: order, default: 99}
      groups:
        profile:
          max_age: 30d
          fields:
            age_years: {type: number, default: 40}
            region: {type: label, vocabulary: [north, south, east, west], default: -1}
            taste: {type: embedding, size: 3}
        consent:
          fields:
            mails: {type: label, vocabulary: [no, yes]}
      """;
  static final Catalog CATALOG = Catalog.parse("testing.yaml", YAML);

  private static final int PATIENCE_SECONDS = 60;

  private TestingWriter() {}

  static FeatureWrite.Builder profile(String customer, Instant time, double age, String region) {
    return FeatureWrite.newBuilder()
        .setCustomerId(customer)
        .setGroup("profile")
        .setEventTime(TestingEvents.timestamp(time))
        .putValues("age_years", number(age))
        .putValues("region", label(region));
  }

  static FeatureWrite.Builder mails(String customer, Instant time, String word) {
    return FeatureWrite.newBuilder()
        .setCustomerId(customer)
        .setGroup("consent")
        .setEventTime(TestingEvents.timestamp(time))
        .putValues("mails", label(word));
  }

  static FeatureValue number(double value) {
    return FeatureValue.newBuilder().setNumber(value).build();
  }

  static FeatureValue label(String word) {
    return FeatureValue.newBuilder().setLabel(word).build();
  }

  static FeatureValue embedding(float... values) {
    var embedding = Embedding.newBuilder();
    for (float value : values) {
      embedding.addValues(value);
    }
    return FeatureValue.newBuilder().setEmbedding(embedding).build();
  }

  static WriteFeaturesRequest batch(long sequence, List<FeatureWrite> writes) {
    return WriteFeaturesRequest.newBuilder()
        .setSequence(sequence)
        .setSource("crm")
        .addAllWrites(writes)
        .build();
  }

  static WriteFeaturesResponse write(Channel channel, FeatureWrite.Builder... writes) {
    List<FeatureWrite> built = List.of(writes).stream().map(FeatureWrite.Builder::build).toList();
    return writeAll(channel, List.of(batch(1, built))).getFirst();
  }

  /** Sends the batches and waits for all answers; fails as the stream fails. */
  static List<WriteFeaturesResponse> writeAll(Channel channel, List<WriteFeaturesRequest> batches) {
    var end = new CompletableFuture<List<WriteFeaturesResponse>>();
    StreamObserver<WriteFeaturesRequest> requests =
        FeatureStoreGrpc.newStub(channel)
            .writeFeatures(
                new StreamObserver<>() {
                  private final List<WriteFeaturesResponse> answers = new ArrayList<>();

                  @Override
                  public void onNext(WriteFeaturesResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    end.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(answers);
                  }
                });
    batches.forEach(requests::onNext);
    requests.onCompleted();
    return end.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }
}
