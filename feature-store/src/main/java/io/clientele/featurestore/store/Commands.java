package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.ByteBufUtil;

/** Writes commands to Redis in its protocol, RESP 2. */
final class Commands {
  private static final short LINE_END = '\r' << 8 | '\n';

  private Commands() {}

  static void write(ByteBuf out, byte[]... words) {
    head(out, words.length);
    for (byte[] word : words) {
      word(out, word);
    }
  }

  /** Begins a command of so many words. */
  static void head(ByteBuf out, int words) {
    size(out, '*', words);
  }

  static void word(ByteBuf out, byte[] word) {
    size(out, '$', word.length);
    out.writeBytes(word).writeShort(LINE_END);
  }

  private static void size(ByteBuf out, char kind, int size) {
    out.writeByte(kind);
    if (size < 10) {
      out.writeByte('0' + size);
    } else if (size < 100) {
      out.writeByte('0' + size / 10).writeByte('0' + size % 10);
    } else {
      ByteBufUtil.writeAscii(out, Integer.toString(size));
    }
    out.writeShort(LINE_END);
  }

  static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }
}
