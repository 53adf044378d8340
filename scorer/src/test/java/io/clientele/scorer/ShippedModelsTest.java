package io.clientele.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.clientele.scorer.manifest.Manifest;
import io.clientele.scorer.manifest.ManifestReader;
import io.clientele.scorer.manifest.RefusedException;
import io.clientele.scorer.v1.ListModelsRequest;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelResult;
import io.clientele.scorer.v1.ModelState;
import io.clientele.scorer.v1.ScorerGrpc;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The repository of models that comes with the project. */
final class ShippedModelsTest {
  private static final Path MODELS = Path.of("..", "models");

  private final Metrics metrics = Metrics.start(null);
  private ScorerServer server;
  private ManagedChannel channel;
  private ScorerGrpc.ScorerBlockingStub scorer;

  @BeforeEach
  void start() {
    ServerSettings free = ServerSettings.on(new HostPort("127.0.0.1", 0));
    server = ScorerServer.start(new ScorerSettings(free, MODELS, 2, 8192, 256, 1), metrics);
    channel = Channels.open(server.address());
    scorer = ScorerGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    Channels.close(channel);
    server.close();
    metrics.close();
  }

  @Test
  void loadsWithNothingRefused() {
    List<Model> models = scorer.listModels(ListModelsRequest.getDefaultInstance()).getModelsList();
    assertThat(models).map(Model::getProblem).containsOnly("");
    assertThat(models)
        .filteredOn(model -> model.getState() == ModelState.SERVING)
        .map(Model::getName)
        .contains("churn", "segment", "value");
  }

  @Test
  void givesTheGoldenAnswersOverTheWire() throws RefusedException {
    for (Model model : scorer.listModels(ListModelsRequest.getDefaultInstance()).getModelsList()) {
      if (model.getState() != ModelState.SERVING) {
        continue;
      }
      Path folder = MODELS.resolve(model.getName()).resolve(model.getVersion());
      Manifest manifest = ManifestReader.read(folder.resolve("manifest.json"));
      Manifest.Golden golden = manifest.golden();
      List<String> columns = manifest.inputs().stream().map(Manifest.Input::name).toList();
      ModelResult result =
          scorer
              .infer(
                  TestingRequest.of(columns, golden.rows().toArray(float[][]::new))
                      .addModels(model.getName())
                      .build())
              .getResults(0);
      for (int row = 0; row < golden.rows().size(); row++) {
        float[] actual = TestingRequest.row(result, row);
        for (int i = 0; i < actual.length; i++) {
          float expected = golden.outputs().get(row)[i];
          assertThat(actual[i])
              .as("%s, golden row %s, output %s", model.getName(), row, i)
              .isCloseTo(
                  expected,
                  Offset.offset((float) golden.tolerance() * Math.max(1, Math.abs(expected))));
        }
      }
    }
  }
}
