package io.clientele.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GrpcServerTest {
  private static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);

  @Test
  void saysNotServingUntilToldOtherwise() {
    try (Metrics metrics = Metrics.start(null);
        GrpcServer server = GrpcServer.start("test", ServerSettings.on(ANY_PORT), metrics, null)) {
      assertThat(health(server)).isEqualTo(ServingStatus.NOT_SERVING);
      server.serving(true);
      assertThat(health(server)).isEqualTo(ServingStatus.SERVING);
      server.serving(false);
      assertThat(health(server)).isEqualTo(ServingStatus.NOT_SERVING);
    }
  }

  @Test
  void saysOnceThatItServes() {
    try (Metrics metrics = Metrics.start(null);
        GrpcServer server = GrpcServer.start("test", ServerSettings.on(ANY_PORT), metrics, null)) {
      AtomicInteger before = new AtomicInteger();
      AtomicInteger after = new AtomicInteger();
      server.whenServing(before::incrementAndGet);
      server.serving(false);
      assertThat(before).hasValue(0);

      server.serving(true);
      server.serving(false);
      server.serving(true);
      server.whenServing(after::incrementAndGet);

      assertThat(before).hasValue(1);
      assertThat(after).hasValue(1);
    }
  }

  @Test
  void answersCallersOfItsOwnProcessWithoutASocket() {
    try (Metrics metrics = Metrics.start(null)) {
      GrpcServer server = GrpcServer.start("test", ServerSettings.on(ANY_PORT), metrics, null);
      server.serving(true);
      ManagedChannel channel = server.openInProcess();
      ManagedChannel another = server.openInProcess();

      assertThat(check(channel)).isEqualTo(ServingStatus.SERVING);
      assertThat(check(another)).isEqualTo(ServingStatus.SERVING);
      assertThat(health(server)).isEqualTo(ServingStatus.SERVING);
      assertThat(metrics.call("grpc.health.v1.Health", "Check", "OK").getCount()).isEqualTo(3);

      server.close();
      assertThatThrownBy(() -> check(channel))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      Channels.close(channel);
      Channels.close(another);
    }
  }

  @Test
  void listsItsServicesByReflection() throws Exception {
    try (Metrics metrics = Metrics.start(null);
        GrpcServer server =
            GrpcServer.start(
                "test",
                ServerSettings.on(ANY_PORT),
                metrics,
                null,
                new HealthStatusManager().getHealthService())) {
      ManagedChannel channel = Channels.open(server.address());
      CompletableFuture<ServerReflectionResponse> first = new CompletableFuture<>();
      StreamObserver<ServerReflectionRequest> requests =
          ServerReflectionGrpc.newStub(channel)
              .serverReflectionInfo(
                  new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                      first.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                      first.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                  });
      requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

      assertThat(first.get(10, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
          .anyMatch(service -> service.getName().equals("grpc.health.v1.Health"))
          .anyMatch(
              service -> service.getName().equals("grpc.reflection.v1alpha.ServerReflection"));
      requests.onCompleted();
      Channels.close(channel);
    }
  }

  @Test
  void showsCallsInPrometheusText() throws Exception {
    try (Metrics metrics = Metrics.start(ANY_PORT);
        GrpcServer server = GrpcServer.start("test", ServerSettings.on(ANY_PORT), metrics, null)) {
      health(server);
      metrics.stage("test", "queue").recordNs(70_000);

      HttpResponse<String> page =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://" + metrics.address() + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());

      assertThat(page.body())
          .contains("clientele_grpc_server_seconds_count{code=\"OK\",method=\"Check\"")
          .contains(
              "clientele_stage_seconds_bucket{service=\"test\",stage=\"queue\",le=\"1.0E-4\"} 1");
    }
  }

  @Test
  void namesTheAddressThatItCannotBind() {
    try (Metrics metrics = Metrics.start(null);
        GrpcServer first = GrpcServer.start("a", ServerSettings.on(ANY_PORT), metrics, null)) {
      assertThatThrownBy(
              () -> GrpcServer.start("b", ServerSettings.on(first.address()), metrics, null))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("b on " + first.address());
    }
  }

  private static ServingStatus health(GrpcServer server) {
    ManagedChannel channel = Channels.open(server.address());
    try {
      return check(channel);
    } finally {
      Channels.close(channel);
    }
  }

  private static ServingStatus check(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }
}
