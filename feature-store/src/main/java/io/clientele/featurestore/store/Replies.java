package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Takes replies of Redis's protocol, RESP 2, off a buffer, each once all of it has come, and gives
 * them as Jedis does: bytes, a number, a list of replies, null, or an exception for an error.
 */
final class Replies {
  /** Stands for a reply of which more has to come. */
  static final Object INCOMPLETE = new Object();

  private static final int MAX_BYTES = 512 << 20; // Redis's own limit
  private static final int MAX_ITEMS = 1 << 20;
  private static final int MAX_DEPTH = 8;
  private static final byte LINE_END = '\n';

  private Replies() {}

  /**
   * Takes the next reply.
   *
   * @return {@link #INCOMPLETE}, with nothing taken, where all of it has not come yet
   * @throws JedisConnectionException if it is none
   */
  static @Nullable Object next(ByteBuf in) {
    int start = in.readerIndex();
    Object reply = next(in, 0);
    if (INCOMPLETE.equals(reply)) {
      in.readerIndex(start);
    }
    return reply;
  }

  private static @Nullable Object next(ByteBuf in, int depth) {
    int length = in.bytesBefore(LINE_END) - 2; // without the kind and the end of the line
    if (length < -1) {
      return INCOMPLETE;
    }
    byte kind = in.readByte();
    return switch (kind) {
      case '+' -> line(in, length);
      case '-' -> new JedisDataException(new String(line(in, length), UTF_8));
      case ':' -> number(in, length);
      case '$' -> bulk(in, size(in, length, MAX_BYTES));
      case '*' -> list(in, size(in, length, MAX_ITEMS), depth);
      default -> throw new JedisConnectionException("Redis replies with kind " + kind);
    };
  }

  private static byte[] line(ByteBuf in, int length) {
    byte[] line = new byte[Math.max(0, length)];
    in.readBytes(line);
    in.skipBytes(2);
    return line;
  }

  private static int size(ByteBuf in, int length, int max) {
    long size = number(in, length);
    if (size < -1 || size > max) {
      throw new JedisConnectionException("Redis replies with a size of " + size);
    }
    return (int) size;
  }

  private static long number(ByteBuf in, int length) {
    boolean negative = length > 0 && in.getByte(in.readerIndex()) == '-';
    int digits = length;
    if (negative) {
      in.skipBytes(1);
      digits--;
    }
    long number = 0;
    for (int i = 0; i < digits; i++) {
      int digit = in.readByte() - '0';
      if (digit < 0 || digit > 9) {
        throw new JedisConnectionException("Redis replies with what is no number");
      }
      number = 10 * number + digit;
    }
    in.skipBytes(2);
    return negative ? -number : number;
  }

  private static @Nullable Object bulk(ByteBuf in, int size) {
    if (size < 0) {
      return null;
    }
    if (in.readableBytes() < size + 2) {
      return INCOMPLETE;
    }
    byte[] bytes = new byte[size];
    in.readBytes(bytes);
    in.skipBytes(2);
    return bytes;
  }

  private static @Nullable Object list(ByteBuf in, int size, int depth) {
    if (size < 0) {
      return null;
    }
    if (depth == MAX_DEPTH) {
      throw new JedisConnectionException("Redis replies with lists in lists in lists");
    }
    @Nullable Object[] items = new @Nullable Object[size];
    for (int i = 0; i < size; i++) {
      Object item = next(in, depth + 1);
      if (INCOMPLETE.equals(item)) {
        return INCOMPLETE;
      }
      items[i] = item;
    }
    return Arrays.asList(items);
  }
}
