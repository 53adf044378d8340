package io.clientele.scorer.repository;

import io.clientele.scorer.manifest.Manifest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one version of a model fared.
 *
 * @param version the name of its folder
 * @param manifest null where it could not be read
 * @param problems why it was refused, each with the file; else empty
 */
public record ModelReport(
    String name,
    String version,
    ModelState state,
    @Nullable Manifest manifest,
    List<String> problems) {
  public ModelReport {
    problems = List.copyOf(problems);
  }
}
