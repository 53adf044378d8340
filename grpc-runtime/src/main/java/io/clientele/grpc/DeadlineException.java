package io.clientele.grpc;

/** The caller's deadline passed before the work was done, or before it was begun. */
public final class DeadlineException extends ServiceException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what what was not done in time
   */
  public DeadlineException(String what) {
    super("deadline passed: " + what, null);
  }
}
