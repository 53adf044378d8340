package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import java.util.Objects;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What callers are told. */
final class TestingErrors {
  private TestingErrors() {}

  /** Calls, and checks that the call is refused with this detail. */
  static void assertRefused(ThrowingCallable call, String field, String description) {
    Throwable failure = Assertions.catchThrowable(call);
    assertThat(failure).isNotNull();
    assertInvalid(Objects.requireNonNull(StatusProto.fromThrowable(failure)), field, description);
  }

  static void assertInvalid(Status status, String field, String description) {
    assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT.value());
    try {
      BadRequest.FieldViolation violation =
          status.getDetails(0).unpack(BadRequest.class).getFieldViolations(0);
      assertThat(violation.getField()).isEqualTo(field);
      assertThat(violation.getDescription()).isEqualTo(description);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
