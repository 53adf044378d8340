package io.clientele.scorer;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Small ONNX graphs (operator set 17), written field by field of the ONNX protobuf, so that tests
 * need neither Python nor files.
 */
public final class TestingGraph {
  public static final String INPUT = "features";
  public static final String OUTPUT = "scores";
  private static final int IR_VERSION = 8;
  private static final int OPERATOR_SET = 17;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;

  private TestingGraph() {}

  /**
   * {@code activation(x · weights + bias)}.
   *
   * @param weights F rows of W
   * @param activation an operator without attributes: Identity, Sigmoid, Softmax, Log
   */
  public static byte[] linear(float[][] weights, float[] bias, String activation) {
    int inputs = weights.length;
    int outputs = bias.length;
    float[] flat = new float[inputs * outputs];
    for (int i = 0; i < inputs; i++) {
      System.arraycopy(weights[i], 0, flat, i * outputs, outputs);
    }
    return model(
        message(
            graph -> {
              graph.writeByteArray(1, node("MatMul", "product", INPUT, "weights"));
              graph.writeByteArray(1, node("Add", "sum", "product", "bias"));
              graph.writeByteArray(1, node(activation, OUTPUT, "sum"));
              graph.writeString(2, "linear");
              graph.writeByteArray(5, tensor("weights", flat, inputs, outputs));
              graph.writeByteArray(5, tensor("bias", bias, outputs));
              graph.writeByteArray(11, value(INPUT, inputs));
              graph.writeByteArray(12, value(OUTPUT, outputs));
            }));
  }

  /** Looks its one input up in a table; a run with an index beyond the table fails. */
  public static byte[] lookup(float... table) {
    return model(
        message(
            graph -> {
              graph.writeByteArray(1, node("Cast", "index", attribute("to", INT64), INPUT));
              graph.writeByteArray(1, node("Gather", OUTPUT, "table", "index"));
              graph.writeString(2, "lookup");
              graph.writeByteArray(5, tensor("table", table, table.length));
              graph.writeByteArray(11, value(INPUT, 1));
              graph.writeByteArray(12, value(OUTPUT, 1));
            }));
  }

  /**
   * Each value less the mean of its column over the batch: the answer depends on the neighbours.
   */
  public static byte[] centred(int width) {
    return model(
        message(
            graph -> {
              graph.writeByteArray(
                  1, node("ReduceMean", "mean", attribute("axes", new long[] {0}), INPUT));
              graph.writeByteArray(1, node("Sub", OUTPUT, INPUT, "mean"));
              graph.writeString(2, "centred");
              graph.writeByteArray(11, value(INPUT, width));
              graph.writeByteArray(12, value(OUTPUT, width));
            }));
  }

  private static byte[] model(byte[] graph) {
    return message(
        model -> {
          model.writeInt64(1, IR_VERSION);
          model.writeByteArray(7, graph);
          model.writeByteArray(8, message(operators -> operators.writeInt64(2, OPERATOR_SET)));
        });
  }

  private static byte[] node(String operator, String output, String... inputs) {
    return node(operator, output, null, inputs);
  }

  private static byte[] node(
      String operator, String output, byte @Nullable [] attribute, String... inputs) {
    return message(
        node -> {
          for (String input : inputs) {
            node.writeString(1, input);
          }
          node.writeString(2, output);
          node.writeString(4, operator);
          if (attribute != null) {
            node.writeByteArray(5, attribute);
          }
        });
  }

  private static byte[] attribute(String name, int value) {
    return message(
        attribute -> {
          attribute.writeString(1, name);
          attribute.writeInt64(3, value);
          attribute.writeInt32(20, ATTRIBUTE_INT);
        });
  }

  private static byte[] attribute(String name, long[] values) {
    return message(
        attribute -> {
          attribute.writeString(1, name);
          for (long value : values) {
            attribute.writeInt64(8, value);
          }
          attribute.writeInt32(20, ATTRIBUTE_INTS);
        });
  }

  private static byte[] tensor(String name, float[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return message(
        tensor -> {
          for (long size : shape) {
            tensor.writeInt64(1, size);
          }
          tensor.writeInt32(2, FLOAT);
          tensor.writeString(8, name);
          tensor.writeBytes(9, ByteString.copyFrom(bytes));
        });
  }

  /** A float32 [N, width]. */
  private static byte[] value(String name, int width) {
    byte[] rows = message(size -> size.writeString(2, "N"));
    byte[] columns = message(size -> size.writeInt64(1, width));
    byte[] shape =
        message(
            sizes -> {
              sizes.writeByteArray(1, rows);
              sizes.writeByteArray(1, columns);
            });
    byte[] tensor =
        message(
            type -> {
              type.writeInt32(1, FLOAT);
              type.writeByteArray(2, shape);
            });
    return message(
        value -> {
          value.writeString(1, name);
          value.writeByteArray(2, message(type -> type.writeByteArray(1, tensor)));
        });
  }

  private static byte[] message(Fields fields) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      fields.write(out);
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }
}
