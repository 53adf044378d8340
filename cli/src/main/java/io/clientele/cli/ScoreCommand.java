package io.clientele.cli;

import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.grpc.Channels;
import io.clientele.grpc.Durations;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks the gateway who customers are. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    description = "Prints the segment, churn and value scores of customers.")
final class ScoreCommand implements Callable<Integer> {
  @Parameters(arity = "1..1000", paramLabel = "CUSTOMER", description = "Customer ids.")
  private List<String> customers = List.of();

  @Option(
      names = "--gateway",
      defaultValue = "127.0.0.1:7100",
      paramLabel = "HOST:PORT",
      description = "Where the gateway is. Default: ${DEFAULT-VALUE}.")
  private HostPort gateway = new HostPort("127.0.0.1", 7100);

  @Option(
      names = "--max-age",
      paramLabel = "DURATION",
      description = "Oldest score taken, such as 0s. Default: the gateway's.")
  private @Nullable Duration maxAge;

  @Option(
      names = "--timeout",
      defaultValue = "5s",
      paramLabel = "DURATION",
      description = "How long to wait. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Durations.parse("5s");

  @Override
  public Integer call() {
    ScoreBatchRequest.Builder request = ScoreBatchRequest.newBuilder().addAllCustomerIds(customers);
    if (maxAge != null) {
      request.setMaxAge(
          com.google.protobuf.Duration.newBuilder()
              .setSeconds(maxAge.getSeconds())
              .setNanos(maxAge.getNano()));
    }
    ManagedChannel channel = Channels.open(gateway);
    try {
      ScoreBatchResponse response =
          GatewayGrpc.newBlockingStub(channel)
              .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
              .scoreBatch(request.build());
      ScoreTable table = new ScoreTable();
      for (Outcome outcome : response.getOutcomesList()) {
        table.add(outcome);
      }
      System.out.print(table);
      return response.getOutcomesList().stream().anyMatch(Outcome::hasError) ? 1 : 0;
    } catch (StatusRuntimeException e) {
      throw new CallException("gateway", gateway, e);
    } finally {
      Channels.close(channel);
    }
  }
}
