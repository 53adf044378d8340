package io.clientele.grpc;

/**
 * The request is well formed, but was made for another state of the system, such as another
 * catalog.
 */
public final class PreconditionException extends ServiceException {
  private static final long serialVersionUID = 1L;

  private final String subject;

  /**
   * @param subject what does not hold, such as {@code catalog_hash}
   * @param message the offending value and the expected one
   */
  public PreconditionException(String subject, String message) {
    super(message, null);
    this.subject = subject;
  }

  public String subject() {
    return subject;
  }
}
