package io.clientele.featurestore;

import io.clientele.featurestore.store.ChangeFeed;
import io.clientele.featurestore.v1.DescribeCustomerRequest;
import io.clientele.featurestore.v1.DescribeCustomerResponse;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.ForgetCustomerRequest;
import io.clientele.featurestore.v1.ForgetCustomerResponse;
import io.clientele.featurestore.v1.GetCatalogRequest;
import io.clientele.featurestore.v1.GetCatalogResponse;
import io.clientele.featurestore.v1.GetFeatureStatisticsRequest;
import io.clientele.featurestore.v1.GetFeatureStatisticsResponse;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.WatchChangesRequest;
import io.clientele.featurestore.v1.WatchChangesResponse;
import io.clientele.featurestore.v1.WriteFeaturesRequest;
import io.clientele.featurestore.v1.WriteFeaturesResponse;
import io.clientele.grpc.Unary;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The gRPC face of the feature store. No method blocks. */
final class FeatureStoreService extends FeatureStoreGrpc.FeatureStoreImplBase {
  private final EventRecorder recorder;
  private final FeatureWriter writer;
  private final FeatureReads reads;
  private final StatisticsAnswers statistics;
  private final CustomerDescriptions descriptions;
  private final CustomerForgetting forgetting;
  private final ChangeFeed changes;
  private final GetCatalogResponse catalog;

  FeatureStoreService(
      EventRecorder recorder,
      FeatureWriter writer,
      FeatureReads reads,
      StatisticsAnswers statistics,
      CustomerDescriptions descriptions,
      CustomerForgetting forgetting,
      ChangeFeed changes,
      GetCatalogResponse catalog) {
    this.recorder = recorder;
    this.writer = writer;
    this.reads = reads;
    this.statistics = statistics;
    this.descriptions = descriptions;
    this.forgetting = forgetting;
    this.changes = changes;
    this.catalog = catalog;
  }

  @Override
  public StreamObserver<RecordEventsRequest> recordEvents(
      StreamObserver<RecordEventsResponse> observer) {
    BooleanSupplier abandoned = abandoned();
    var call = (ServerCallStreamObserver<RecordEventsResponse>) observer;
    return BatchStream.open(call, request -> recorder.record(request, abandoned));
  }

  @Override
  public StreamObserver<WriteFeaturesRequest> writeFeatures(
      StreamObserver<WriteFeaturesResponse> observer) {
    BooleanSupplier abandoned = abandoned();
    var call = (ServerCallStreamObserver<WriteFeaturesResponse>) observer;
    return BatchStream.open(call, request -> writer.write(request, abandoned));
  }

  @Override
  public void getFeatures(
      GetFeaturesRequest request, StreamObserver<GetFeaturesResponse> observer) {
    answer(() -> reads.read(request, abandoned()), observer);
  }

  @Override
  public void getFeatureStatistics(
      GetFeatureStatisticsRequest request, StreamObserver<GetFeatureStatisticsResponse> observer) {
    answer(() -> statistics.answer(request), observer);
  }

  @Override
  public void describeCustomer(
      DescribeCustomerRequest request, StreamObserver<DescribeCustomerResponse> observer) {
    answer(() -> descriptions.describe(request.getCustomerId(), abandoned()), observer);
  }

  @Override
  public void forgetCustomer(
      ForgetCustomerRequest request, StreamObserver<ForgetCustomerResponse> observer) {
    answer(() -> forgetting.forget(request.getCustomerId(), abandoned()), observer);
  }

  @Override
  public void watchChanges(
      WatchChangesRequest request, StreamObserver<WatchChangesResponse> observer) {
    WatchChangesCall.open(
        (ServerCallStreamObserver<WatchChangesResponse>) observer, changes, request);
  }

  @Override
  public void getCatalog(GetCatalogRequest request, StreamObserver<GetCatalogResponse> observer) {
    Unary.answer(() -> catalog, observer);
  }

  private static <T> void answer(
      Supplier<? extends CompletionStage<T>> call, StreamObserver<T> observer) {
    CompletionStage<T> result;
    try {
      result = call.get();
    } catch (RuntimeException e) {
      result = CompletableFuture.failedStage(e);
    }
    Unary.complete(result, observer);
  }

  /** Whether the current call's caller has gone or its deadline has passed. */
  static BooleanSupplier abandoned() {
    Context context = Context.current();
    Deadline deadline = context.getDeadline();
    return () -> context.isCancelled() || (deadline != null && deadline.isExpired());
  }
}
