package io.clientele.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.clientele.featurestore.v1.Change;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.Feature;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetCatalogRequest;
import io.clientele.featurestore.v1.GetCatalogResponse;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.WatchChangesRequest;
import io.clientele.featurestore.v1.WatchChangesResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A feature store whose customers are numbers: {@code orders} is the number, {@code spend} its
 * double, {@code lateness} is always missing.
 */
final class TestingFeatureStore extends FeatureStoreGrpc.FeatureStoreImplBase {
  static final Timestamp AS_OF = Timestamp.newBuilder().setSeconds(1_700_000_000).build();

  final TestingFault reads = new TestingFault();
  final TestingFault catalogReads = new TestingFault();
  final Queue<GetFeaturesRequest> requests = new ConcurrentLinkedQueue<>();
  final Queue<Long> remainingNs = new ConcurrentLinkedQueue<>();
  final Queue<Long> catalogRemainingNs = new ConcurrentLinkedQueue<>();
  private final Set<String> damaged = ConcurrentHashMap.newKeySet();
  private final Set<String> stale = ConcurrentHashMap.newKeySet();
  private final Map<String, Customer> customers = new ConcurrentHashMap<>();
  final Queue<WatchChangesRequest> watchRequests = new ConcurrentLinkedQueue<>();
  private final List<StreamObserver<WatchChangesResponse>> watchers = new CopyOnWriteArrayList<>();
  private volatile GetCatalogResponse catalog = catalog("hash-1", Map.of());
  private volatile boolean feedAnswers = true;

  record Customer(float number, long version) {}

  void put(String customer, float number, long version) {
    customers.put(customer, new Customer(number, version));
  }

  /** From now on the customer's state cannot be read. */
  void damage(String customer) {
    damaged.add(customer);
  }

  /** From now on the customer's orders are stale. */
  void age(String customer) {
    stale.add(customer);
  }

  /** Another catalog: the hash, and the features that mean something else in it. */
  void redefine(String hash, Map<String, String> definitions) {
    catalog = catalog(hash, definitions);
  }

  private static GetCatalogResponse catalog(String hash, Map<String, String> definitions) {
    GetCatalogResponse.Builder catalog = GetCatalogResponse.newBuilder().setCatalogHash(hash);
    for (String name : List.of("lateness", "orders", "spend", "views")) {
      catalog.addFeatures(
          Feature.newBuilder()
              .setName(name)
              .setDefinition(definitions.getOrDefault(name, name + "-defined")));
    }
    return catalog.build();
  }

  @Override
  public void getCatalog(GetCatalogRequest request, StreamObserver<GetCatalogResponse> observer) {
    catalogRemainingNs.add(remainingNs());
    catalogReads.answer(
        observer,
        () -> {
          observer.onNext(catalog);
          observer.onCompleted();
        });
  }

  @Override
  public void watchChanges(
      WatchChangesRequest request, StreamObserver<WatchChangesResponse> observer) {
    watchRequests.add(request);
    synchronized (watchers) {
      watchers.add(observer);
      if (feedAnswers) {
        observer.onNext(WatchChangesResponse.getDefaultInstance());
      }
    }
  }

  /** Tells all who watch, one thread at a time: a stream takes no more. */
  void tell(WatchChangesResponse.Builder changes) {
    synchronized (watchers) {
      watchers.forEach(watcher -> watcher.onNext(changes.build()));
    }
  }

  /** Tells all who watch that a customer changed. */
  void tellOf(String customer, long version) {
    tell(
        WatchChangesResponse.newBuilder()
            .addChanges(Change.newBuilder().setCustomerId(customer).setFeatureVersion(version)));
  }

  /** Ends the feed for all who watch; who comes again hears nothing until told otherwise. */
  void endFeed() {
    feedAnswers = false;
    synchronized (watchers) {
      watchers.forEach(watcher -> watcher.onError(Status.UNAVAILABLE.asRuntimeException()));
      watchers.clear();
    }
  }

  /** Says to all who wait for it, and to who comes, that the feed is live. */
  void beginFeed() {
    feedAnswers = true;
    tell(WatchChangesResponse.newBuilder());
  }

  @Override
  public void getFeatures(
      GetFeaturesRequest request, StreamObserver<GetFeaturesResponse> observer) {
    requests.add(request);
    remainingNs.add(remainingNs());
    reads.answer(observer, () -> read(request, observer));
  }

  private static long remainingNs() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null ? Long.MAX_VALUE : deadline.timeRemaining(TimeUnit.NANOSECONDS);
  }

  private void read(GetFeaturesRequest request, StreamObserver<GetFeaturesResponse> observer) {
    String hash = catalog.getCatalogHash();
    if (!request.getCatalogHash().equals(hash)) {
      observer.onError(
          Status.FAILED_PRECONDITION
              .withDescription("catalog_hash: " + request.getCatalogHash())
              .asRuntimeException());
      return;
    }
    List<String> columns = request.getFeatures().getNamesList();
    int rows = request.getCustomerIdsCount();
    int presenceBytes = (columns.size() + 7) / 8;
    ByteBuffer values =
        ByteBuffer.allocate(rows * columns.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    byte[] presence = new byte[rows * presenceBytes];
    byte[] staleness = new byte[stale.isEmpty() ? 0 : rows * presenceBytes];
    GetFeaturesResponse.Builder response =
        GetFeaturesResponse.newBuilder().setCatalogHash(hash).setAsOf(AS_OF);
    for (int row = 0; row < rows; row++) {
      Customer customer = customers.get(request.getCustomerIds(row));
      for (int c = 0; c < columns.size(); c++) {
        Float value = customer == null ? null : value(columns.get(c), customer);
        values.putFloat(value == null ? 0 : value);
        if (value != null) {
          presence[row * presenceBytes + c / 8] |= (byte) (1 << (c % 8));
        }
      }
      int orders = columns.indexOf("orders");
      if (stale.contains(request.getCustomerIds(row)) && orders >= 0) {
        staleness[row * presenceBytes + orders / 8] |= (byte) (1 << (orders % 8));
      }
      response
          .addCustomers(status(request.getCustomerIds(row)))
          .addFeatureVersions(customer == null ? 0 : customer.version());
    }
    observer.onNext(
        response
            .setValues(ByteString.copyFrom(values.flip()))
            .setPresence(ByteString.copyFrom(presence))
            .setStaleness(ByteString.copyFrom(staleness))
            .build());
    observer.onCompleted();
  }

  private CustomerStatus status(String customer) {
    if (damaged.contains(customer)) {
      return CustomerStatus.DAMAGED;
    }
    return customers.containsKey(customer) ? CustomerStatus.FOUND : CustomerStatus.UNKNOWN;
  }

  private static @Nullable Float value(String feature, Customer customer) {
    return switch (feature) {
      case "orders" -> customer.number();
      case "spend" -> 2 * customer.number();
      default -> null;
    };
  }
}
