package io.clientele.grpc;

/** A bounded queue is full. The caller may try again later, with a growing pause. */
public final class OverloadedException extends ServiceException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what what is full, such as {@code inference queue}
   * @param limit how many it holds
   */
  public OverloadedException(String what, long limit) {
    super(what + " is full (limit: " + limit + ")", null);
  }
}
