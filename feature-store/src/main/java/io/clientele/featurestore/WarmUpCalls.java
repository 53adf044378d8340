package io.clientele.featurestore;

import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.grpc.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What a feature store is asked while it warms up: customers that nobody is, few and many. */
final class WarmUpCalls implements Consumer<Channel> {
  private static final int MANY_CUSTOMERS = 16;

  private final GetFeaturesRequest one = request(1);
  private final GetFeaturesRequest many = request(MANY_CUSTOMERS);
  private final AtomicInteger calls = new AtomicInteger();

  private static GetFeaturesRequest request(int customers) {
    GetFeaturesRequest.Builder request = GetFeaturesRequest.newBuilder();
    for (int i = 0; i < customers; i++) {
      request.addCustomerIds("warm-up:" + i);
    }
    return request.build();
  }

  @Override
  public void accept(Channel channel) {
    var _ =
        FeatureStoreGrpc.newBlockingStub(channel)
            .getFeatures(calls.getAndIncrement() % 2 == 0 ? one : many);
  }
}
