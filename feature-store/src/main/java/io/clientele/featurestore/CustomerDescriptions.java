package io.clientele.featurestore;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.CustomerDescription;
import io.clientele.featurestore.engine.CustomerState;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.StateException;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.StoredState;
import io.clientele.featurestore.v1.DescribeCustomerResponse;
import io.clientele.featurestore.v1.EventTypeSummary;
import io.clientele.featurestore.v1.FeatureDescription;
import io.clientele.featurestore.v1.FeatureDescription.Presence;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.grpc.PreconditionException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Explains a customer's features to a human. Thread-safe. */
final class CustomerDescriptions {
  private static final double MILLIS_PER_SECOND = 1_000;

  private final FeaturePlan plan;
  private final CustomerStore store;
  private final InstantSource clock;
  private final byte[] unknown;

  CustomerDescriptions(FeaturePlan plan, CustomerStore store, InstantSource clock) {
    this.plan = plan;
    this.store = store;
    this.clock = clock;
    unknown = CustomerState.empty(plan).encode().summary();
  }

  /**
   * @throws InvalidRequestException if the id is wrong
   */
  CompletableFuture<DescribeCustomerResponse> describe(
      String customerId, BooleanSupplier abandoned) {
    CustomerIds.check(customerId);
    return store
        .readWhole(List.of(customerId), abandoned)
        .thenApply(states -> describe(customerId, states.getFirst()));
  }

  private DescribeCustomerResponse describe(String customerId, StoredState state) {
    CustomerDescription description;
    try {
      description = plan.describe(state.exists() ? state.summary() : unknown, clock.millis());
    } catch (StateException e) {
      throw new PreconditionException("customer_id", String.valueOf(e.getMessage()));
    }
    var response =
        DescribeCustomerResponse.newBuilder()
            .setCustomerId(customerId)
            .setStatus(FeatureReads.status(state))
            .setFeatureVersion(state.version())
            .setAsOf(Timestamps.fromMillis(description.asOfMs()))
            .setCatalogHash(plan.catalogHash())
            .setStateBytes(state.summary().length + state.ledger().length);
    description.features().forEach(feature -> response.addFeatures(message(feature)));
    description.eventTypes().forEach(events -> response.addEventTypes(message(events)));
    return response.build();
  }

  private static FeatureDescription message(CustomerDescription.FeatureValue value) {
    var message =
        FeatureDescription.newBuilder()
            .setName(value.feature().name())
            .setMeaning(value.feature().meaning())
            .setPresence(value.present() ? Presence.PRESENT : Presence.MISSING)
            .setValue(value.value());
    value.ageMs().ifPresent(ageMs -> message.setAgeSeconds(ageMs / MILLIS_PER_SECOND));
    return message.build();
  }

  private static EventTypeSummary message(CustomerDescription.EventSummary events) {
    var message = EventTypeSummary.newBuilder().setType(events.type()).setEvents(events.events());
    if (events.events() > 0) {
      message
          .setFirstEventTime(Timestamps.fromMillis(events.firstMs()))
          .setLastEventTime(Timestamps.fromMillis(events.lastMs()));
    }
    return message.build();
  }
}
