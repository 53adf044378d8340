package io.clientele.featurestore.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.clientele.grpc.InvalidRequestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.BitSet;

/**
 * How far the feed of each bucket has been read, in one history of Redis. Not thread-safe.
 *
 * <p>Numbers of changes mean something only within a history: a Redis that lost writes counts on
 * from where it was, with other changes under the same numbers.
 */
final class FeedPositions {
  private static final int VERSION = 1;

  private final long history;
  private final long[] numbers;

  /**
   * @param history stands for the history that the numbers belong to
   * @param numbers by bucket: of the last change read, 0 where there was none; copied
   */
  FeedPositions(long history, long[] numbers) {
    this.history = history;
    this.numbers = numbers.clone();
  }

  /**
   * Reads a token.
   *
   * @throws InvalidRequestException if it is none
   */
  static FeedPositions ofToken(ByteString token, int buckets) {
    try {
      CodedInputStream in = token.newCodedInput();
      if (in.readRawByte() != VERSION) {
        throw badToken(token);
      }
      long history = in.readFixed64();
      long[] numbers = new long[buckets];
      for (int bucket = 0; bucket < buckets; bucket++) {
        numbers[bucket] = in.readUInt64();
      }
      if (!in.isAtEnd() || Arrays.stream(numbers).anyMatch(n -> n < 0)) {
        throw badToken(token);
      }
      return new FeedPositions(history, numbers);
    } catch (IOException e) {
      throw badToken(token);
    }
  }

  private static InvalidRequestException badToken(ByteString token) {
    return new InvalidRequestException(
        "token", token.size() + " bytes (expected: a token of this store, or none)");
  }

  ByteString token() {
    try (ByteString.Output bytes = ByteString.newOutput()) {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeRawByte((byte) VERSION);
      out.writeFixed64NoTag(history);
      for (long number : numbers) {
        out.writeUInt64NoTag(number);
      }
      out.flush();
      return bytes.toByteString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long number(int bucket) {
    return numbers[bucket];
  }

  void set(int bucket, long number) {
    numbers[bucket] = number;
  }

  /** Whether these may be later ones of the same history. */
  boolean continues(FeedPositions before) {
    if (history != before.history) {
      return false;
    }
    for (int bucket = 0; bucket < numbers.length; bucket++) {
      if (numbers[bucket] < before.numbers[bucket]) {
        return false;
      }
    }
    return true;
  }

  /** The buckets in which these are not the same. */
  BitSet differing(FeedPositions other) {
    var buckets = new BitSet(numbers.length);
    for (int bucket = 0; bucket < numbers.length; bucket++) {
      buckets.set(bucket, numbers[bucket] != other.numbers[bucket]);
    }
    return buckets;
  }

  /** Moves on to where others are further. */
  void advanceTo(FeedPositions other) {
    for (int bucket = 0; bucket < numbers.length; bucket++) {
      numbers[bucket] = Math.max(numbers[bucket], other.numbers[bucket]);
    }
  }

  FeedPositions copy() {
    return new FeedPositions(history, numbers);
  }
}
