package io.clientele.scorer;

import com.google.protobuf.ByteString;
import io.clientele.scorer.inference.OnnxModel;
import io.clientele.scorer.manifest.Manifest;
import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.ScorerGrpc;
import io.grpc.Channel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What a scorer is asked while it warms up: all models over rows of zeros, few and many. */
final class WarmUpCalls implements Consumer<Channel> {
  private static final int MANY_ROWS = 16;

  private final InferRequest one;
  private final InferRequest many;
  private final AtomicInteger calls = new AtomicInteger();

  WarmUpCalls(List<OnnxModel> models) {
    List<String> columns =
        models.stream()
            .flatMap(model -> model.manifest().inputs().stream())
            .map(Manifest.Input::name)
            .distinct()
            .toList();
    one = request(columns, 1);
    many = request(columns, MANY_ROWS);
  }

  private static InferRequest request(List<String> columns, int rows) {
    return InferRequest.newBuilder()
        .addAllColumns(columns)
        .setRows(rows)
        .setValues(ByteString.copyFrom(new byte[rows * columns.size() * Float.BYTES]))
        .build();
  }

  @Override
  public void accept(Channel channel) {
    var _ =
        ScorerGrpc.newBlockingStub(channel).infer(calls.getAndIncrement() % 2 == 0 ? one : many);
  }
}
