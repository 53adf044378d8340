package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

final class RepliesTest {
  private static final String STREAM =
      String.join(
          "\r\n",
          List.of(
              "+OK",
              ":42",
              ":-7",
              "$5",
              "ali\r\n",
              "$0",
              "",
              "$-1",
              "-MOVED 7 here:1",
              "*3",
              "$1",
              "5",
              "$-1",
              "*2",
              ":1",
              "$2",
              "\r\n",
              "*0",
              "*-1",
              ""));
  private static final List<String> EXPECTED =
      List.of(
          "OK",
          "42",
          "-7",
          "ali\r\n",
          "",
          "null",
          "error: MOVED 7 here:1",
          "[5, null, [1, \r\n]]",
          "[]",
          "null");

  @Test
  void takesEachReplyOnceAllOfItHasCome() {
    byte[] bytes = STREAM.getBytes(UTF_8);
    for (int piece = 1; piece <= bytes.length; piece++) {
      List<String> replies = new ArrayList<>();
      ByteBuf in = Unpooled.buffer();
      for (int from = 0; from < bytes.length; from += piece) {
        in.writeBytes(bytes, from, Math.min(piece, bytes.length - from));
        takeAll(in, replies);
      }
      assertThat(replies).as("in pieces of %d bytes", piece).isEqualTo(EXPECTED);
      assertThat(in.isReadable()).isFalse();
    }
  }

  @Test
  void refusesWhatIsNoReply() {
    for (String wrong : List.of("hello\r\n", "$x\r\n", ":1x\r\n", "$-2\r\n", "*99999999\r\n")) {
      assertThatThrownBy(() -> Replies.next(Unpooled.copiedBuffer(wrong, UTF_8)))
          .isInstanceOf(JedisConnectionException.class);
    }
    String deep = "*1\r\n".repeat(20) + ":1\r\n";
    assertThatThrownBy(() -> Replies.next(Unpooled.copiedBuffer(deep, UTF_8)))
        .isInstanceOf(JedisConnectionException.class);
  }

  private static void takeAll(ByteBuf in, List<String> replies) {
    while (in.isReadable()) {
      int start = in.readerIndex();
      Object reply = Replies.next(in);
      if (Replies.INCOMPLETE.equals(reply)) {
        assertThat(in.readerIndex()).isEqualTo(start);
        return;
      }
      replies.add(text(reply));
    }
  }

  private static String text(@Nullable Object reply) {
    return switch (reply) {
      case null -> "null";
      case byte[] bytes -> new String(bytes, UTF_8);
      case List<?> list -> list.stream().map(RepliesTest::text).toList().toString();
      case JedisDataException error -> "error: " + error.getMessage();
      default -> reply.toString();
    };
  }
}
