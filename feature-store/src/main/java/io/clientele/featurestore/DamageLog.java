package io.clientele.featurestore;

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

  private final Set<String> customers = ConcurrentHashMap.newKeySet();

  void note(String customerId, String what) {
    if (customers.size() >= MAX_CUSTOMERS || !customers.add(customerId)) {
      return;
    }
    log.error("customer {}: {}", customerId, what);
    if (customers.size() >= MAX_CUSTOMERS) {
      log.error("further customers whose state cannot be read are counted, not logged");
    }
  }
}
