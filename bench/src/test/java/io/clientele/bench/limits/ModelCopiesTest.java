package io.clientele.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.scorer.inference.OnnxModel;
import io.clientele.scorer.inference.OnnxSettings;
import io.clientele.scorer.repository.LoadedModels;
import io.clientele.scorer.repository.ModelRepository;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCopiesTest {
  @Test
  void servesAsManyModelsAsAreWantedEachUnderItsOwnName(@TempDir Path work) throws IOException {
    Path copies = ModelCopies.make(Path.of("..", "models"), work.resolve("models"), 5);

    LoadedModels loaded = new ModelRepository(copies, new OnnxSettings(1, 1, 4)).load();
    try {
      assertThat(loaded.serving().models())
          .extracting(OnnxModel::name)
          .containsExactly("churn", "churn-2", "segment", "segment-2", "value");
    } finally {
      loaded.close();
    }
  }
}
