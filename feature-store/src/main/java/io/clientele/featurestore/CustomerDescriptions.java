package io.clientele.featurestore;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.catalog.Feature;
import io.clientele.featurestore.engine.CustomerDescription;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.StateException;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.StateFields;
import io.clientele.featurestore.store.StoredState;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.DescribeCustomerResponse;
import io.clientele.featurestore.v1.EventTypeSummary;
import io.clientele.featurestore.v1.FeatureDescription;
import io.clientele.featurestore.v1.FeatureDescription.Presence;
import io.clientele.featurestore.v1.GroupSummary;
import io.clientele.grpc.InvalidRequestException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Explains a customer's features to a human. Thread-safe. */
final class CustomerDescriptions {
  private static final double MILLIS_PER_SECOND = 1_000;

  private final FeaturePlan plan;
  private final CustomerStore store;
  private final Refusals refusals;
  private final InstantSource clock;

  CustomerDescriptions(
      FeaturePlan plan, CustomerStore store, Refusals refusals, InstantSource clock) {
    this.plan = plan;
    this.store = store;
    this.refusals = refusals;
    this.clock = clock;
  }

  /**
   * @throws InvalidRequestException if the id is wrong
   */
  CompletableFuture<DescribeCustomerResponse> describe(
      String customerId, BooleanSupplier abandoned) {
    CustomerIds.check(customerId);
    return store
        .read(List.of(customerId), StateFields.writing(plan.all().groups()), abandoned)
        .thenApply(states -> describe(customerId, states.getFirst()));
  }

  private DescribeCustomerResponse describe(String customerId, StoredState state) {
    var response =
        DescribeCustomerResponse.newBuilder()
            .setCustomerId(customerId)
            .setFeatureVersion(state.version())
            .setCatalogHash(plan.catalogHash())
            .setStateBytes(state.bytes());
    refusals.of(customerId).ifPresent(response::setLastRefused);
    CustomerDescription description;
    try {
      description = plan.describe(state.summary(), groups(state), clock.millis());
    } catch (StateException e) {
      return damaged(response, String.valueOf(e.getMessage()));
    }
    response
        .setStatus(FeatureReads.status(state))
        .setAsOf(Timestamps.fromMillis(description.asOfMs()));
    description.features().forEach(feature -> response.addFeatures(message(feature)));
    description.eventTypes().forEach(events -> response.addEventTypes(message(events)));
    description.groups().forEach(group -> response.addGroups(message(group)));
    return response.build();
  }

  private DescribeCustomerResponse damaged(
      DescribeCustomerResponse.Builder response, String problem) {
    response.setStatus(CustomerStatus.DAMAGED).setAsOf(Timestamps.fromMillis(clock.millis()));
    for (Feature feature : plan.catalog().features()) {
      response.addFeatures(
          FeatureDescription.newBuilder()
              .setName(feature.name())
              .setMeaning(feature.meaning())
              .setPresence(Presence.UNANSWERED)
              .setValue(feature.defaultValue())
              .setOrigin(problem));
    }
    return response.build();
  }

  private byte[][] groups(StoredState state) {
    byte[][] groups = new byte[plan.all().groups().size()][];
    for (int g = 0; g < groups.length; g++) {
      groups[g] = state.group(g);
    }
    return groups;
  }

  private static FeatureDescription message(CustomerDescription.FeatureValue value) {
    var message =
        FeatureDescription.newBuilder()
            .setName(value.feature().name())
            .setMeaning(value.feature().meaning())
            .setPresence(presence(value.presence()))
            .setValue(value.value())
            .setOrigin(value.origin());
    value.ageMs().ifPresent(ageMs -> message.setAgeSeconds(ageMs / MILLIS_PER_SECOND));
    return message.build();
  }

  private static Presence presence(CustomerDescription.Presence presence) {
    return switch (presence) {
      case PRESENT -> Presence.PRESENT;
      case MISSING -> Presence.MISSING;
      case STALE -> Presence.STALE;
      case UNANSWERED -> Presence.UNANSWERED;
    };
  }

  private static GroupSummary message(CustomerDescription.GroupSummary group) {
    return GroupSummary.newBuilder()
        .setGroup(group.group())
        .setEventTime(Timestamps.fromMillis(group.eventMs()))
        .setWrittenAt(Timestamps.fromMillis(group.writtenMs()))
        .setSource(group.source())
        .setStale(group.stale())
        .build();
  }

  static EventTypeSummary message(CustomerDescription.EventSummary events) {
    var message = EventTypeSummary.newBuilder().setType(events.type()).setEvents(events.events());
    if (events.events() > 0) {
      message
          .setFirstEventTime(Timestamps.fromMillis(events.firstMs()))
          .setLastEventTime(Timestamps.fromMillis(events.lastMs()));
    }
    return message.build();
  }
}
