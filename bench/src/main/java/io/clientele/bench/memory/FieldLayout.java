package io.clientele.bench.memory;

import io.clientele.featurestore.catalog.Feature;
import io.clientele.featurestore.engine.CustomerState;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureReader;
import io.clientele.featurestore.engine.FeatureSelection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;

/**
 * One hash a customer, one field a feature, with the values that the features have when they are
 * written. Reads are one HMGET of all fields a customer, pipelined on the same kind of connection
 * that Clientele's store uses.
 */
final class FieldLayout implements Layout {
  private static final int TIMEOUT_MS = 30_000;

  private final FieldForm form;
  private final FeaturePlan plan;
  private final long nowMs;
  private final FeatureSelection selection;
  private final FeatureReader reader;
  private final ByteBuffer values;
  private final ByteBuffer presence;
  private final List<byte[]> fields = new ArrayList<>();
  private final Connection connection;

  FieldLayout(FieldForm form, URI redis, FeaturePlan plan, long nowMs) {
    this.form = form;
    this.plan = plan;
    this.nowMs = nowMs;
    selection = plan.all();
    reader = selection.newReader();
    values = ByteBuffer.allocate(selection.rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    presence = ByteBuffer.allocate(selection.presenceBytes());
    selection.features().forEach(feature -> fields.add(form.field(feature)));
    fields.addAll(form.extraField());
    connection =
        new Connection(
            new HostAndPort(redis.getHost(), redis.getPort()),
            DefaultJedisClientConfig.builder()
                .serverDefaultProtocol()
                .timeoutMillis(TIMEOUT_MS)
                .build());
    connection.connect();
  }

  @Override
  public void write(List<Customer> customers) {
    for (Customer customer : customers) {
      connection.sendCommand(Command.HSET, arguments(customer));
    }
    requireAll(connection.getMany(customers.size()));
  }

  private byte[][] arguments(Customer customer) {
    CustomerState state = CustomerState.empty(plan);
    customer.events().forEach(event -> state.fold(event, nowMs));
    reader.read(state, nowMs, values, 0, presence, 0);
    var arguments = new ArrayList<byte[]>(1 + 2 * fields.size());
    arguments.add(form.key(customer.id()));
    for (int f = 0; f < selection.size(); f++) {
      boolean present = (presence.get(f >> 3) >> (f & 7) & 1) == 1;
      byte[] value = present ? form.value(values.getFloat(f * Float.BYTES)) : form.missing();
      if (value != null) {
        arguments.add(fields.get(f));
        arguments.add(value);
      }
    }
    for (byte[] extra : form.extraField()) {
      arguments.add(extra);
      arguments.add(form.extraValue(nowMs));
    }
    return arguments.toArray(new byte[0][]);
  }

  @Override
  public void read(List<String> customerIds, ByteBuffer rows) {
    for (String id : customerIds) {
      byte[][] arguments = new byte[1 + fields.size()][];
      arguments[0] = form.key(id);
      for (int f = 0; f < fields.size(); f++) {
        arguments[1 + f] = fields.get(f);
      }
      connection.sendCommand(Command.HMGET, arguments);
    }
    List<Object> replies = connection.getMany(customerIds.size());
    requireAll(replies);
    for (int row = 0; row < replies.size(); row++) {
      parse(replies.get(row), rows, row * selection.rowBytes());
    }
  }

  @SuppressWarnings("unchecked") // what Jedis makes of an array of bulk strings
  private void parse(Object reply, ByteBuffer rows, int offset) {
    var texts = (List<byte @Nullable []>) reply;
    for (int f = 0; f < selection.size(); f++) {
      byte[] text = texts.get(f);
      Feature feature = selection.features().get(f);
      float value = text == null || text.length == 0 ? feature.defaultValue() : form.parse(text);
      rows.putFloat(offset + f * Float.BYTES, value);
    }
  }

  private static void requireAll(List<Object> replies) {
    for (Object reply : replies) {
      if (reply instanceof RuntimeException refused) {
        throw refused;
      }
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
