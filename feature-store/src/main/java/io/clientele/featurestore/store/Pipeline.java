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

  void send(ProtocolCommand command, byte[]... arguments) {
    connection.sendCommand(command, arguments);
    sent++;
  }

  List<Object> replies() {
    return connection.getMany(sent);
  }
}
