package io.clientele.bench.limits;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Who has had the cores, in seconds up to a moment or between two.
 *
 * @param load this process
 * @param redis the store's
 * @param serving the services' threads that do what is asked, and all that have no column
 * @param c1 the services' JVMs' quick compiler
 * @param c2 their optimizing compiler
 * @param collector their garbage collectors
 */
record CoresUsed(
    double load, double redis, double serving, double c1, double c2, double collector) {
  private static final Path LOAD = Path.of("/proc/self");

  /**
   * @param redis its folder in /proc
   * @throws IOException where the system does not say
   */
  static CoresUsed of(Path redis, List<StartedService> services) throws IOException {
    double c1 = 0;
    double c2 = 0;
    double collector = 0;
    double all = 0;
    for (StartedService service : services) {
      ThreadsCpu threads = service.cpu();
      c1 += threads.seconds("C1 ");
      c2 += threads.seconds("C2 ");
      collector += threads.seconds("GC ") + threads.seconds("G1 ");
      all += threads.seconds();
    }
    return new CoresUsed(
        ThreadsCpu.of(LOAD).seconds(),
        ThreadsCpu.of(redis).seconds(),
        all - c1 - c2 - collector,
        c1,
        c2,
        collector);
  }

  CoresUsed since(CoresUsed before) {
    return new CoresUsed(
        load - before.load,
        redis - before.redis,
        serving - before.serving,
        c1 - before.c1,
        c2 - before.c2,
        collector - before.collector);
  }

  double total() {
    return DoubleStream.of(load, redis, serving, c1, c2, collector).sum();
  }
}
