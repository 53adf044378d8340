package io.clientele.featurestore.store;

import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * What it takes to be let in, beside what a URI says.
 *
 * @param password of the URI's user; null where the URI has it, or none is needed
 * @param sentinelUser null for the sentinels' default user
 * @param sentinelPassword null where sentinels ask for none
 * @param certificates whom to trust and what to show, for TLS; null for what the JVM trusts
 */
public record RedisAccess(
    @Nullable String password,
    @Nullable String sentinelUser,
    @Nullable String sentinelPassword,
    @Nullable SSLSocketFactory certificates) {

  /** What the URI says is enough. */
  public static final RedisAccess BY_URI = new RedisAccess(null, null, null, null);

  /** Shows no password. */
  @Override
  public String toString() {
    return "RedisAccess[certificates=" + (certificates == null ? "the JVM's" : "own") + "]";
  }
}
