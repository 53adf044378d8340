package io.clientele.featurestore;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.store.CustomerDigest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs whose state cannot be read, each customer once, and a bounded number of them: reads come
 * again and again. Thread-safe.
 */
final class DamageLog {
  private static final Logger log = LoggerFactory.getLogger(DamageLog.class);
  private static final int MAX_CUSTOMERS = 1_000;

  /** By digest, since the customers may be forgotten. */
  private final Set<ByteString> customers = ConcurrentHashMap.newKeySet();

  void note(String customerId, String what) {
    if (customers.size() >= MAX_CUSTOMERS
        || !customers.add(ByteString.copyFrom(CustomerDigest.of(customerId.getBytes(UTF_8))))) {
      return;
    }
    log.error("customer {}: {}", customerId, what);
    if (customers.size() >= MAX_CUSTOMERS) {
      log.error("further customers whose state cannot be read are counted, not logged");
    }
  }
}
