package io.clientele.grpc;

import org.jspecify.annotations.Nullable;

/**
 * A failure whose kind is known, so that {@link ErrorPolicy} can turn it into a status in one
 * place. Domain code throws these and knows no gRPC.
 */
public abstract sealed class ServiceException extends RuntimeException
    permits InvalidRequestException,
        PreconditionException,
        OverloadedException,
        UnavailableException,
        DeadlineException {

  private static final long serialVersionUID = 1L;

  ServiceException(String message, @Nullable Throwable cause) {
    // These are answers, not bugs: they have a message for the caller and no stack trace.
    super(message, cause, false, false);
  }
}
