package io.clientele.bench.limits;

/** Time that passes when somebody waits for it or says so. */
final class TestingPace implements Pace {
  private long nowNs;

  void pass(long ns) {
    nowNs += ns;
  }

  @Override
  public long nowNs() {
    return nowNs;
  }

  @Override
  public void sleepUntil(long timeNs) {
    nowNs = Math.max(nowNs, timeNs);
  }
}
