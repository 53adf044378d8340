package io.clientele.grpc;

/** The caller's mistake: a field of the request has a value that no state of the system allows. */
public final class InvalidRequestException extends ServiceException {
  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * @param field the field's path in the request, such as {@code customer_ids[3]}
   * @param message the offending value and the expected one, such as {@code length: 300 bytes
   *     (expected: 1..256)}
   */
  public InvalidRequestException(String field, String message) {
    super(message, null);
    this.field = field;
  }

  public String field() {
    return field;
  }
}
