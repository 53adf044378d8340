package io.clientele.cli;

import io.clientele.grpc.HostPort;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** A service refused a call, or could not be reached. The message is one line for a human. */
final class CallException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param service what was called, such as {@code gateway}
   */
  CallException(String service, HostPort address, StatusRuntimeException cause) {
    super("%s on %s: %s".formatted(service, address, reason(cause)), cause);
  }

  private static String reason(StatusRuntimeException failure) {
    Status status = failure.getStatus();
    String description = status.getDescription();
    // Of a connection that fails, gRPC says "io exception", and the cause says why.
    Throwable cause = status.getCause();
    if (cause != null && cause.getMessage() != null) {
      description = cause.getMessage();
    }
    return description == null
        ? status.getCode().toString()
        : status.getCode() + ": " + description.lines().findFirst().orElse("");
  }
}
