package io.clientele.featurestore.store;

import io.clientele.grpc.UnavailableException;
import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelException;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.IoEventLoop;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * One event loop's own connection to Redis, by which it reads without any other thread: one trip at
 * a time, with all that waits by then, up to a limit; the replies come back on the loop.
 *
 * <p>It knows the plain case only, a single master that answers. Whatever goes otherwise, a reply
 * that is an error, a connection that breaks or is not there yet, is left to the lanes, which know
 * what to do. The lanes also join in when more waits than the next trip takes: one loop would then
 * do with one core what they do with more. A trip that takes too long fails.
 *
 * <p>Its loop does everything; any thread may abort it.
 */
final class LoopLink {
  /** Customers of a trip at most, so that computing their features does not hold the loop up. */
  static final int MAX_CUSTOMERS = 64;

  private static final Logger log = LoggerFactory.getLogger(LoopLink.class);
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long NEVER = Long.MAX_VALUE;

  private enum State {
    AWAY,
    OPENING,
    READY
  }

  private final IoEventLoop loop;
  private final WaitingWork<StateRead> waiting;
  private final LoopDialer dialer;
  private final LoopTrip trip;

  private State state = State.AWAY;
  private long pausedUntilNs = System.nanoTime();
  private @Nullable Nodes nodes;
  private @Nullable Handshake handshake;

  private volatile @Nullable Channel channel;

  /** When to give up what is under way, by {@link System#nanoTime}. */
  private volatile long overdueAtNs = NEVER;

  private boolean overdue;
  private volatile boolean closed;

  LoopLink(IoEventLoop loop, WaitingWork<StateRead> waiting, LoopDialer dialer, Stages stages) {
    this.loop = loop;
    this.waiting = waiting;
    this.dialer = dialer;
    this.trip = new LoopTrip(stages, this::leave);
  }

  /** Makes a trip with what waits, or sees to it that somebody else does. */
  void go() {
    if (state == State.READY && nodes != dialer.nodes()) {
      drop(); // which leaves what is on the way to the lanes
    }
    if (state != State.READY) {
      open();
      waiting.wake();
      return;
    }
    if (trip.isOver()) {
      begin();
    }
    waiting.wakeBeyond(MAX_CUSTOMERS);
  }

  private void begin() {
    Channel open = channel;
    long nowNs = System.nanoTime();
    if (open == null || !trip.begin(next(), nowNs)) {
      waiting.wake(); // the first that waits may be none for a loop
      return;
    }
    overdueAtNs = nowNs + dialer.timeoutNs();
    ByteBuf out = open.alloc().buffer(trip.bytes());
    trip.write(out);
    var _ = open.writeAndFlush(out, open.voidPromise());
  }

  private List<StateRead> next() {
    return Work.wanted(waiting.poll(MAX_CUSTOMERS, read -> !read.isForLanes()));
  }

  private void reply(@Nullable Object reply) {
    Handshake greeting = handshake;
    if (greeting != null) {
      greet(greeting, reply);
      return;
    }
    trip.reply(reply);
    if (trip.isOver()) {
      overdueAtNs = NEVER;
      begin();
    }
  }

  private void greet(Handshake greeting, @Nullable Object reply) {
    if (greeting.reply(reply)) {
      handshake = null;
      overdueAtNs = NEVER;
      state = State.READY;
    }
  }

  private void open() {
    Nodes now = dialer.nodes();
    if (closed || state == State.OPENING || now == null || System.nanoTime() - pausedUntilNs < 0) {
      return;
    }
    HostAndPort master = now.master(0);
    // To look a name up can take long, and a loop must not wait. The system's resolver ends it: to
    // begin another one beside it would only wait with it.
    var _ =
        CompletableFuture.supplyAsync(
                () -> new InetSocketAddress(master.getHost(), master.getPort()),
                lookUp -> Thread.ofVirtual().name("redis-lookup").start(lookUp))
            .thenAcceptAsync(address -> connect(address, master), loop)
            .exceptionallyAsync(this::giveUp, loop);
    nodes = now;
    state = State.OPENING; // from here on, as the look-up has begun, and ends on this loop
  }

  private void connect(InetSocketAddress address, HostAndPort master) {
    overdueAtNs = System.nanoTime() + dialer.connectTimeoutNs();
    overdue = false;
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(
                loop.isIoType(EpollIoHandler.class)
                    ? EpollSocketChannel.class
                    : NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .handler(new Decoder(dialer.handshake(master)));
    ChannelFuture registered = bootstrap.register(); // done, as this is its loop
    if (!registered.isSuccess()) {
      throw new ChannelException("no socket", registered.cause());
    }
    Channel opening = registered.channel();
    channel = opening;
    if (closed) { // and who closed this may have come too early to see the channel
      drop();
      return;
    }
    var _ =
        opening
            .connect(address)
            .addListener(
                connected -> {
                  if (!connected.isSuccess()) {
                    lost(opening);
                  }
                });
  }

  /** Something went wrong on the way to a connection. */
  private @Nullable Void giveUp(Throwable failure) {
    log.debug("connection of an event loop to Redis", failure);
    pausedUntilNs = System.nanoTime() + PAUSE_NS;
    drop();
    return null;
  }

  /** Ends the connection, and leaves what is on the way to the lanes. */
  private void drop() {
    Channel open = channel;
    channel = null;
    if (open != null) {
      var _ = open.close();
    }
    state = State.AWAY;
    handshake = null;
    overdueAtNs = NEVER;
    for (StateRead read : trip.stop()) {
      if (overdue) {
        read.fail(
            new UnavailableException("redis", new JedisConnectionException("no reply in time")));
      } else {
        leave(read);
      }
    }
    waiting.wake();
  }

  private void leave(StateRead read) {
    read.leaveToLanes();
    waiting.again(read);
  }

  /** The connection has failed, or could not be made. */
  private void lost(Channel failed) {
    if (failed.equals(channel)) {
      pausedUntilNs = System.nanoTime() + PAUSE_NS;
      drop();
    }
  }

  /** Ends what takes too long. */
  void abortOverdue() {
    if (isOverdue() && !loop.isShuttingDown()) {
      loop.execute(
          () -> {
            if (isOverdue()) {
              overdue = true;
              abort();
            }
          });
    }
  }

  private boolean isOverdue() {
    long atNs = overdueAtNs;
    return atNs != NEVER && System.nanoTime() - atNs > 0;
  }

  /** Ends the connection; the next read opens another. */
  void abort() {
    Channel open = channel;
    if (open != null) {
      var _ = open.close();
    }
  }

  /** Ends the connection for good. Not on an event loop, but for one that was never opened. */
  void close() {
    closed = true;
    Channel open = channel;
    if (open != null) {
      open.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
  }

  /** Turns bytes into replies. */
  private final class Decoder extends ByteToMessageDecoder {
    private final Handshake greeting;

    Decoder(Handshake greeting) {
      this.greeting = greeting;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      handshake = greeting;
      ByteBuf out = context.alloc().buffer();
      greeting.write(out);
      var _ = context.writeAndFlush(out, context.voidPromise());
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      if (!context.channel().equals(channel)) {
        in.skipBytes(in.readableBytes());
        return;
      }
      Object reply = Replies.next(in);
      if (!Replies.INCOMPLETE.equals(reply)) {
        reply(reply);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
      super.channelInactive(context);
      lost(context.channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
      log.debug("connection of an event loop to Redis", failure);
      var _ = context.close();
    }
  }
}
