package io.clientele.featurestore.store;

import java.util.List;
import redis.clients.jedis.Connection;
import redis.clients.jedis.commands.ProtocolCommand;

/** Commands that go to Redis together. Not thread-safe. */
final class Pipeline {
  private final Connection connection;
  private int sent;

  Pipeline(Connection connection) {
    this.connection = connection;
  }

  /**
   * Sends a command to where a bucket is. Replies come in the order in which commands are sent,
   * whatever their buckets.
   *
   * @param bucket whose hash tag is in every key that the command names; see {@link CustomerKeys}
   */
  void send(int bucket, ProtocolCommand command, byte[]... arguments) {
    connection.sendCommand(command, arguments);
    sent++;
  }

  List<Object> replies() {
    return connection.getMany(sent);
  }
}
