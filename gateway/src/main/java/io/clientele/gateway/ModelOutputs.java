package io.clientele.gateway;

import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one model made of a matrix of R rows.
 *
 * @param version the version that ran; empty where there is an error before one was chosen
 * @param width outputs a row
 * @param values R × width float32, little-endian, row by row; empty where there is an error
 * @param missingInputs R of them: inputs that had the manifest's default
 * @param error why there are no values; null where there are
 */
record ModelOutputs(
    String model,
    String version,
    int width,
    ByteString values,
    List<Integer> missingInputs,
    @Nullable Status error) {

  FloatBuffer floats() {
    return values.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }
}
