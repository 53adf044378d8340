package io.clientele.grpc;

import org.jspecify.annotations.Nullable;

/** Something that this service needs is away. The caller may try again. */
public final class UnavailableException extends ServiceException {
  private static final long serialVersionUID = 1L;

  private final String dependency;

  /**
   * @param dependency what is away, such as {@code redis}
   */
  public UnavailableException(String dependency, @Nullable Throwable cause) {
    super(
        dependency
            + " is unavailable"
            + (cause == null || cause.getMessage() == null ? "" : ": " + cause.getMessage()),
        cause);
    this.dependency = dependency;
  }

  public String dependency() {
    return dependency;
  }
}
