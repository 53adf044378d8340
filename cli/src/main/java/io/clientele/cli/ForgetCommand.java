package io.clientele.cli;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.v1.EventTypeSummary;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.ForgetCustomerRequest;
import io.clientele.featurestore.v1.ForgetCustomerResponse;
import io.clientele.grpc.Channels;
import io.clientele.grpc.Durations;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Forgets customers and prints the receipts. */
@Command(
    name = "forget",
    mixinStandardHelpOptions = true,
    description = {
      "Removes all that the feature store holds of customers, and prints a receipt for each.",
      "Late events cannot bring them back for as long as the store's --tombstone-life."
    })
final class ForgetCommand implements Callable<Integer> {
  @Parameters(arity = "1..1000", paramLabel = "CUSTOMER", description = "Customer ids.")
  private List<String> customers = List.of();

  @Option(
      names = "--feature-store",
      defaultValue = "127.0.0.1:7101",
      paramLabel = "HOST:PORT",
      description = "Where the feature store is. Default: ${DEFAULT-VALUE}.")
  private HostPort featureStore = new HostPort("127.0.0.1", 7101);

  @Option(
      names = "--timeout",
      defaultValue = "5s",
      paramLabel = "DURATION",
      description = "How long to wait for each. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Durations.parse("5s");

  @Override
  public Integer call() {
    ManagedChannel channel = Channels.open(featureStore);
    try {
      for (String customer : customers) {
        ForgetCustomerResponse receipt =
            FeatureStoreGrpc.newBlockingStub(channel)
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .forgetCustomer(ForgetCustomerRequest.newBuilder().setCustomerId(customer).build());
        System.out.println(line(receipt));
      }
      return 0;
    } catch (StatusRuntimeException e) {
      throw new CallException("feature store", featureStore, e);
    } finally {
      Channels.close(channel);
    }
  }

  /** A receipt as one line, which does not name the customer. */
  static String line(ForgetCustomerResponse receipt) {
    String removed =
        Stream.concat(
                receipt.getEventTypesList().stream().map(ForgetCommand::events),
                receipt.getGroupsList().stream().map(group -> "group " + group))
            .collect(Collectors.joining(", "));
    return "%s forgotten at %s: %s; %d bytes, %d feed entries; late events refused until %s"
        .formatted(
            receipt.getCustomerDigest(),
            Timestamps.toString(receipt.getForgottenAt()),
            receipt.getExisted() ? (removed.isEmpty() ? "state" : removed) : "nothing was held",
            receipt.getStateBytes(),
            receipt.getFeedEntries(),
            Timestamps.toString(receipt.getTombstoneUntil()));
  }

  private static String events(EventTypeSummary type) {
    return type.getEvents() + " of type " + type.getType();
  }
}
