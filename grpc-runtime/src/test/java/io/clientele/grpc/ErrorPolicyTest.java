package io.clientele.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ErrorPolicyTest {

  @Test
  void namesTheFieldAndTheValuesOfABadRequest() throws InvalidProtocolBufferException {
    var failure =
        new InvalidRequestException("customer_ids[3]", "length: 300 bytes (expected: 1..256)");

    com.google.rpc.Status status = ErrorPolicy.toRpcStatus(failure);

    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT.value());
    assertThat(status.getMessage())
        .isEqualTo("customer_ids[3]: length: 300 bytes (expected: 1..256)");
    BadRequest details = status.getDetails(0).unpack(BadRequest.class);
    assertThat(details.getFieldViolations(0).getField()).isEqualTo("customer_ids[3]");
  }

  @Test
  void mapsEachKindOfFailure() {
    assertThat(code(new OverloadedException("queue", 8))).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(code(new UnavailableException("redis", null))).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(code(new DeadlineException("infer"))).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(code(new PreconditionException("catalog_hash", "a (expected: b)")))
        .isEqualTo(Status.Code.FAILED_PRECONDITION);
  }

  @Test
  void looksThroughTheWrappersOfFutures() {
    assertThat(code(new CompletionException(new OverloadedException("queue", 8))))
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void keepsAStatusAsItIs() {
    StatusRuntimeException failure = Status.ABORTED.withDescription("x").asRuntimeException();

    assertThat(ErrorPolicy.toStatus(failure)).isSameAs(failure);
    assertThat(ErrorPolicy.toRpcStatus(failure).getMessage()).isEqualTo("x");
  }

  @Test
  void tellsNothingOfABug() {
    StatusRuntimeException status = ErrorPolicy.toStatus(new IllegalStateException("secret"));

    assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(status.getStatus().getDescription()).doesNotContain("secret");
  }

  private static Status.Code code(Throwable failure) {
    return ErrorPolicy.toStatus(failure).getStatus().getCode();
  }
}
