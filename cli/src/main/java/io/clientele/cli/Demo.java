package io.clientele.cli;

import io.clientele.featurestore.v1.FeatureNames;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.Verdict;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Replays the history of a real shop through the services' own RPCs, and shows a few customers. */
final class Demo {
  private static final List<String> CUSTOMERS =
      List.of("19339", "09120", "17072", "22648", "04880", "00004", "16727");
  private static final List<String> FEATURES =
      List.of("days_since_last_order", "orders_365d", "spend_365d", "order_gap_mean_days");
  private static final String NEWCOMER = "somebody-new";
  private static final int TIMEOUT_SECONDS = 10;

  private final ManagedChannel featureStore;
  private final ManagedChannel gateway;
  private final HostPort gatewayAddress;

  Demo(ManagedChannel featureStore, ManagedChannel gateway, HostPort gatewayAddress) {
    this.featureStore = featureStore;
    this.gateway = gateway;
    this.gatewayAddress = gatewayAddress;
  }

  void run() {
    System.out.println("The orders of 2,357 customers of CDNOW, January 1997 to June 1998.");
    VerdictCounts verdicts =
        IngestCommand.send(IngestCommand.shifted(CdnowSample.load()), featureStore, "Orders");
    System.out.println("Orders: " + verdicts + ".");
    if (verdicts.of(Verdict.DUPLICATE) > 0) {
      System.out.println("Orders that were known already keep the day of their first replay.");
    }
    verdicts.reasons().forEach(reason -> System.out.println("  " + reason));
    System.out.println();
    System.out.println(customers());
    System.out.println("Ask for more, in another terminal:");
    System.out.println();
    System.out.printf(
        "  ./clientele score --gateway %s 19339 00004 %s%n", gatewayAddress, NEWCOMER);
    System.out.printf(
        "  grpcurl -plaintext -d '{\"customer_id\": \"00004\"}' %s"
            + " clientele.gateway.v1.Gateway/Score%n",
        gatewayAddress);
    System.out.printf(
        "  ghz --insecure --call clientele.gateway.v1.Gateway.Score -d '{\"customer_id\":"
            + " \"00004\"}' -c 16 -n 20000 %s%n%n",
        gatewayAddress);
  }

  private ScoreTable customers() {
    ScoreBatchResponse scores =
        GatewayGrpc.newBlockingStub(gateway)
            .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .scoreBatch(
                ScoreBatchRequest.newBuilder()
                    .addAllCustomerIds(CUSTOMERS)
                    .addCustomerIds(NEWCOMER)
                    .build());
    GetFeaturesResponse features =
        FeatureStoreGrpc.newBlockingStub(featureStore)
            .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .getFeatures(
                GetFeaturesRequest.newBuilder()
                    .addAllCustomerIds(CUSTOMERS)
                    .addCustomerIds(NEWCOMER)
                    .setFeatures(FeatureNames.newBuilder().addAllNames(FEATURES))
                    .build());
    ByteBuffer values = features.getValues().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    ScoreTable table = new ScoreTable(FEATURES.toArray(String[]::new));
    for (int row = 0; row < scores.getOutcomesCount(); row++) {
      String[] cells = new String[FEATURES.size()];
      for (int column = 0; column < cells.length; column++) {
        boolean present = (features.getPresence().byteAt(row) >> column & 1) == 1;
        cells[column] =
            present
                ? "%.1f".formatted(values.getFloat(Float.BYTES * (row * cells.length + column)))
                : "missing";
      }
      table.add(scores.getOutcomes(row), cells);
    }
    return table;
  }
}
