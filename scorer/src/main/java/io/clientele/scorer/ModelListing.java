package io.clientele.scorer;

import io.clientele.scorer.manifest.Manifest;
import io.clientele.scorer.manifest.Task;
import io.clientele.scorer.repository.LoadedModels;
import io.clientele.scorer.repository.ModelReport;
import io.clientele.scorer.repository.ModelState;
import io.clientele.scorer.v1.Band;
import io.clientele.scorer.v1.ListModelsResponse;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelInput;
import io.clientele.scorer.v1.Segment;
import java.util.List;

/** Says over the wire what a repository holds. */
final class ModelListing {
  private ModelListing() {}

  static ListModelsResponse of(LoadedModels models) {
    ListModelsResponse.Builder response = ListModelsResponse.newBuilder();
    for (ModelReport report : models.reports()) {
      Model.Builder model =
          response
              .addModelsBuilder()
              .setName(report.name())
              .setVersion(report.version())
              .setState(state(report.state()))
              .setProblem(String.join("\n", report.problems()));
      if (report.manifest() != null) {
        describe(report.manifest(), model);
      }
    }
    return response.build();
  }

  private static void describe(Manifest manifest, Model.Builder model) {
    model
        .setTask(task(manifest.task()))
        .setDescription(manifest.description())
        .addAllOutputs(manifest.outputs())
        .addAllPrior(manifest.prior())
        .setHorizonDays(manifest.horizonDays())
        .addAllBands(bands(manifest.bands()))
        .addAllTiers(bands(manifest.tiers()))
        .setCurrency(manifest.currency())
        .setCatalogHash(manifest.catalogHash())
        .setSha256(manifest.onnx().sha256());
    for (Manifest.Input input : manifest.inputs()) {
      model.addInputs(
          ModelInput.newBuilder()
              .setName(input.name())
              .setDefinition(input.definition())
              .setDefaultValue(input.defaultValue()));
    }
    for (Manifest.Segment segment : manifest.segments()) {
      model.addSegments(
          Segment.newBuilder()
              .setId(segment.id())
              .setName(segment.name())
              .setDescription(segment.description()));
    }
  }

  private static List<Band> bands(List<Manifest.Band> bands) {
    return bands.stream().map(ModelListing::band).toList();
  }

  private static Band band(Manifest.Band band) {
    Band.Builder message = Band.newBuilder().setName(band.name());
    if (band.upper() != null) {
      message.setUpper(band.upper());
    }
    return message.build();
  }

  private static io.clientele.scorer.v1.ModelState state(ModelState state) {
    return switch (state) {
      case SERVING -> io.clientele.scorer.v1.ModelState.SERVING;
      case SUPERSEDED -> io.clientele.scorer.v1.ModelState.SUPERSEDED;
      case REFUSED -> io.clientele.scorer.v1.ModelState.REFUSED;
    };
  }

  private static io.clientele.scorer.v1.Task task(Task task) {
    return switch (task) {
      case SEGMENT -> io.clientele.scorer.v1.Task.SEGMENT;
      case CHURN -> io.clientele.scorer.v1.Task.CHURN;
      case VALUE -> io.clientele.scorer.v1.Task.VALUE;
      case OTHER -> io.clientele.scorer.v1.Task.OTHER;
    };
  }
}
