package io.clientele.featurestore.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A process that starts a Redis on a directory, says its port and pid, and waits to be killed. */
final class TestingRedisOwner {
  private TestingRedisOwner() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    RedisProcess redis = RedisProcess.start(Path.of(arguments[0]), 0);
    System.out.println(redis.port() + " " + redis.pid());
    new CountDownLatch(1).await();
  }
}
