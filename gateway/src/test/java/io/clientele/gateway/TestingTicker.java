package io.clientele.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes when a test says so. */
final class TestingTicker implements Ticker {
  private final AtomicLong nowNs = new AtomicLong(1_000_000);

  @Override
  public long read() {
    return nowNs.get();
  }

  void advance(Duration by) {
    nowNs.addAndGet(by.toNanos());
  }

  Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return Instant.EPOCH.plusNanos(nowNs.get());
      }
    };
  }
}
