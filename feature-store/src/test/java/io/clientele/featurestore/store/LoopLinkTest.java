package io.clientele.featurestore.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.Metrics;
import io.grpc.netty.shaded.io.netty.channel.SingleThreadIoEventLoop;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;

/** How an event loop's connection is opened and closed. */
final class LoopLinkTest {
  private static final int BUCKETS = RedisSettings.DEFAULT_BUCKETS;
  private static final String NAME = "link";
  private static final HostAndPort NO_ADDRESS = new HostAndPort("127.0.0.1", 70_000);

  @TempDir private Path directory;
  private final Metrics metrics = Metrics.start(null);
  private final TestingLoop loop = new TestingLoop();
  private final TestingLogin login = new TestingLogin();
  private final TestingTopology topology = new TestingTopology();
  private final RedisNodes nodes = new RedisNodes(topology);
  private RedisProcess redis;
  private HostAndPort address;
  private Jedis client;

  @BeforeEach
  void start() throws IOException {
    redis = RedisProcess.start(directory, 0);
    client = new Jedis(redis.uri());
    address = new HostAndPort("127.0.0.1", redis.port());
  }

  @AfterEach
  void stop() throws InterruptedException {
    assertThat(loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS))
        .isTrue();
    client.close();
    redis.close();
    metrics.close();
  }

  @Test
  void openAgainAfterALookUpThatFailed() throws Exception {
    LoopLink link = link(NO_ADDRESS);
    loop.submit(link::go).get(10, TimeUnit.SECONDS);
    topology.master = address;

    awaitConnection(link);
  }

  @Test
  void openAgainAfterALoginThatFailed() throws Exception {
    LoopLink link = link(address);
    login.next =
        () -> {
          throw new IllegalStateException("no password");
        };

    awaitConnection(link);
  }

  @Test
  void leaveNoSocketWhenClosedOnTheWayToAConnection() throws Exception {
    LoopLink link = link(address);
    var closed = new CompletableFuture<@Nullable Void>();
    login.next =
        () -> {
          CompletableFuture.runAsync(link::close).join();
          closed.complete(null);
        };

    loop.submit(link::go).get(10, TimeUnit.SECONDS);
    closed.get(10, TimeUnit.SECONDS);

    awaitNoSocket();
  }

  /** A link to a node that is known to hold a store. */
  private LoopLink link(HostAndPort master) {
    topology.master = master;
    nodes.current();
    var format = new StoreFormat(BUCKETS, nodes);
    try (var connection = new Connection(address)) {
      format.check(connection, master);
    }
    long secondNs = TimeUnit.SECONDS.toNanos(1);
    var dialer = new LoopDialer(new Dialer(login, null), nodes, format, secondNs, secondNs);
    return new LoopLink(loop, new WaitingWork<>("reads", 1, 1), dialer, Stages.ofReads(metrics));
  }

  /** Tries until Redis knows the link. */
  private void awaitConnection(LoopLink link) throws Exception {
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!client.clientList().contains("name=" + NAME)) {
      assertThat(System.nanoTime()).as("not connected by").isLessThan(endNs);
      nodes.refresh(nodes.current());
      loop.submit(link::go).get(10, TimeUnit.SECONDS);
      Thread.sleep(10);
    }
  }

  private void awaitNoSocket() throws Exception {
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (loop.submit(loop::getNumOfRegisteredChannels).get(10, TimeUnit.SECONDS) > 0) {
      assertThat(System.nanoTime()).as("still open by").isLessThan(endNs);
      Thread.sleep(10);
    }
  }

  /** Tells how many sockets it has. */
  private static final class TestingLoop extends SingleThreadIoEventLoop {
    TestingLoop() {
      super(null, Thread.ofPlatform().factory(), NioIoHandler.newFactory());
    }

    @Override
    protected int getNumOfRegisteredChannels() {
      return super.getNumOfRegisteredChannels();
    }
  }

  /** A login without a password, in whose middle something happens once. */
  private static final class TestingLogin implements JedisClientConfig {
    private volatile @Nullable Runnable next;

    @Override
    public @Nullable String getPassword() {
      Runnable now = next;
      next = null;
      if (now != null) {
        now.run();
      }
      return null;
    }

    @Override
    public String getClientName() {
      return NAME;
    }
  }

  /** One node, which may change. */
  private static final class TestingTopology implements Topology {
    private volatile HostAndPort master = NO_ADDRESS;

    @Override
    public Nodes find() {
      return Nodes.of(master, BUCKETS);
    }

    @Override
    public String mode() {
      return STANDALONE;
    }
  }
}
