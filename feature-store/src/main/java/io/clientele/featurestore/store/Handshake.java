package io.clientele.featurestore.store;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * What goes before the first read on an event loop's connection: the login, and the check that this
 * is a master that holds the store.
 */
final class Handshake {
  private final StoreFormat format;
  private final HostAndPort address;
  private final List<byte[][]> commands = new ArrayList<>();
  private int replies;

  Handshake(JedisClientConfig config, StoreFormat format, HostAndPort address) {
    this.format = format;
    this.address = address;
    if (config.getPassword() != null) {
      if (config.getUser() == null) {
        add("AUTH", config.getPassword());
      } else {
        add("AUTH", config.getUser(), config.getPassword());
      }
    }
    if (config.getDatabase() != 0) {
      add("SELECT", Integer.toString(config.getDatabase()));
    }
    add("CLIENT", "SETNAME", config.getClientName());
    add("INFO");
    commands.add(StoreFormat.formCommand());
  }

  private void add(String... words) {
    byte[][] command = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      command[i] = SafeEncoder.encode(words[i]);
    }
    commands.add(command);
  }

  void write(ByteBuf out) {
    commands.forEach(command -> Commands.write(out, command));
  }

  /**
   * Takes the next reply.
   *
   * @return whether it was the last
   * @throws RuntimeException if the connection must not be used
   */
  boolean reply(@Nullable Object reply) {
    if (reply instanceof JedisDataException refused) {
      throw refused;
    }
    replies++;
    if (replies == commands.size() - 1 && reply instanceof byte[] info) {
      format.requireMaster(SafeEncoder.encode(info), address);
    } else if (replies == commands.size()) {
      format.requireForm(reply);
      return true;
    }
    return false;
  }
}
