package io.clientele.grpc;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.PreconditionFailure;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which failure becomes which status: the whole policy of every service.
 *
 * <p>A failure of unknown kind is a bug. It is logged here, once, with its stack trace, and the
 * caller learns nothing of it but INTERNAL.
 */
public final class ErrorPolicy {
  private static final Logger log = LoggerFactory.getLogger(ErrorPolicy.class);

  private ErrorPolicy() {}

  /** The failure as what gRPC throws. */
  public static StatusRuntimeException toStatus(Throwable failure) {
    Throwable cause = unwrap(failure);
    return switch (cause) {
      case StatusRuntimeException e -> e;
      case StatusException e -> new StatusRuntimeException(e.getStatus(), e.getTrailers());
      default -> StatusProto.toStatusRuntimeException(toRpcStatus(cause));
    };
  }

  /** The failure as a message, for answers that carry an error beside a result. */
  public static com.google.rpc.Status toRpcStatus(Throwable failure) {
    Throwable cause = unwrap(failure);
    return switch (cause) {
      case ServiceException e -> ofKnown(e);
      case StatusRuntimeException e ->
          StatusProto.fromStatusAndTrailers(e.getStatus(), e.getTrailers());
      case StatusException e -> StatusProto.fromStatusAndTrailers(e.getStatus(), e.getTrailers());
      case CancellationException e -> status(Code.CANCELLED, "cancelled");
      case TimeoutException e -> status(Code.DEADLINE_EXCEEDED, "deadline passed");
      default -> {
        log.error("unexpected failure", cause);
        yield status(Code.INTERNAL, "internal error");
      }
    };
  }

  /** Whether the failure is the fault of the caller and not of this service or what it needs. */
  public static boolean isCallersFault(Throwable failure) {
    Throwable cause = unwrap(failure);
    return switch (cause) {
      case InvalidRequestException e -> true;
      case PreconditionException e -> true;
      case StatusRuntimeException e -> isCallersFault(e.getStatus());
      default -> false;
    };
  }

  private static boolean isCallersFault(Status status) {
    return switch (status.getCode()) {
      case INVALID_ARGUMENT,
          FAILED_PRECONDITION,
          NOT_FOUND,
          OUT_OF_RANGE,
          ALREADY_EXISTS,
          CANCELLED ->
          true;
      default -> false;
    };
  }

  private static com.google.rpc.Status ofKnown(ServiceException failure) {
    String message = failure.getMessage() == null ? "" : failure.getMessage();
    return switch (failure) {
      case InvalidRequestException e ->
          status(Code.INVALID_ARGUMENT, e.field() + ": " + message).toBuilder()
              .addDetails(
                  Any.pack(
                      BadRequest.newBuilder()
                          .addFieldViolations(
                              BadRequest.FieldViolation.newBuilder()
                                  .setField(e.field())
                                  .setDescription(message))
                          .build()))
              .build();
      case PreconditionException e ->
          status(Code.FAILED_PRECONDITION, e.subject() + ": " + message).toBuilder()
              .addDetails(
                  Any.pack(
                      PreconditionFailure.newBuilder()
                          .addViolations(
                              PreconditionFailure.Violation.newBuilder()
                                  .setSubject(e.subject())
                                  .setDescription(message))
                          .build()))
              .build();
      case OverloadedException e -> status(Code.RESOURCE_EXHAUSTED, message);
      case UnavailableException e -> status(Code.UNAVAILABLE, message);
      case DeadlineException e -> status(Code.DEADLINE_EXCEEDED, message);
    };
  }

  private static com.google.rpc.Status status(Code code, String message) {
    return com.google.rpc.Status.newBuilder().setCode(code.getNumber()).setMessage(message).build();
  }

  private static Throwable unwrap(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
