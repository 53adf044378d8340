package io.clientele.featurestore;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.CustomerDescription;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.StateException;
import io.clientele.featurestore.store.CustomerDigest;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.Forgotten;
import io.clientele.featurestore.v1.ForgetCustomerResponse;
import io.clientele.grpc.InvalidRequestException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Forgets customers, with a receipt. Thread-safe. */
final class CustomerForgetting {
  private final FeaturePlan plan;
  private final CustomerStore store;
  private final Refusals refusals;
  private final Duration tombstoneLife;
  private final InstantSource clock;

  CustomerForgetting(
      FeaturePlan plan,
      CustomerStore store,
      Refusals refusals,
      Duration tombstoneLife,
      InstantSource clock) {
    this.plan = plan;
    this.store = store;
    this.refusals = refusals;
    this.tombstoneLife = tombstoneLife;
    this.clock = clock;
  }

  /**
   * @throws InvalidRequestException if the id is wrong
   */
  CompletableFuture<ForgetCustomerResponse> forget(String customerId, BooleanSupplier abandoned) {
    CustomerIds.check(customerId);
    refusals.forget(customerId);
    long nowMs = clock.millis();
    return store
        .forget(customerId, nowMs, abandoned)
        .thenApply(
            forgotten -> {
              refusals.forget(customerId); // what was refused meanwhile
              return receipt(customerId, nowMs, forgotten);
            });
  }

  private ForgetCustomerResponse receipt(String customerId, long nowMs, Forgotten forgotten) {
    var receipt =
        ForgetCustomerResponse.newBuilder()
            .setCustomerDigest(
                HexFormat.of().formatHex(CustomerDigest.of(customerId.getBytes(UTF_8))))
            .setExisted(!forgotten.fields().isEmpty())
            .setForgottenAt(Timestamps.fromMillis(nowMs))
            .setTombstoneUntil(Timestamps.fromMillis(nowMs + tombstoneLife.toMillis()))
            .setFeatureVersion(forgotten.version())
            .setStateBytes(forgotten.bytes())
            .addAllGroups(forgotten.groups())
            .setFeedEntries(forgotten.feedEntries());
    for (CustomerDescription.EventSummary events : events(forgotten.summary(), nowMs)) {
      receipt.addEventTypes(CustomerDescriptions.message(events));
    }
    return receipt.build();
  }

  /** None where the state could not be read any more: it is gone all the same. */
  private List<CustomerDescription.EventSummary> events(byte[] summary, long nowMs) {
    if (summary.length == 0) {
      return List.of();
    }
    try {
      return plan.describe(summary, new byte[plan.all().groups().size()][0], nowMs).eventTypes();
    } catch (StateException e) {
      return List.of();
    }
  }
}
