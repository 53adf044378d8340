package io.clientele.scorer.inference;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.clientele.scorer.manifest.Manifest;
import io.clientele.scorer.manifest.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One version of a model, checked, warm and ready to run: an ONNX session, shared by the lanes, and
 * a runner a lane. Each runner belongs to its lane's thread; the rest is immutable.
 */
public final class OnnxModel implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OnnxModel.class);

  private final Manifest manifest;
  private final float[] defaults;
  private final SessionOptions options;
  private final OrtSession session;
  private final List<OnnxRunner> runners = new ArrayList<>();

  private OnnxModel(Manifest manifest, byte[] graph, OnnxSettings settings) throws OrtException {
    this.manifest = manifest;
    this.defaults = new float[manifest.inputWidth()];
    for (int i = 0; i < defaults.length; i++) {
      defaults[i] = manifest.inputs().get(i).defaultValue();
    }
    OrtEnvironment environment = OnnxEnvironment.get();
    this.options = options(settings);
    try {
      this.session = environment.createSession(graph, options);
    } catch (OrtException e) {
      options.close();
      throw e;
    }
    for (int lane = 0; lane < settings.lanes(); lane++) {
      runners.add(new OnnxRunner(environment, session, manifest, settings.maxRows()));
    }
  }

  private static SessionOptions options(OnnxSettings settings) throws OrtException {
    SessionOptions options = new SessionOptions();
    options.setIntraOpNumThreads(settings.intraOpThreads());
    options.setInterOpNumThreads(1);
    options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
    options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
    // A pattern is learnt for each number of rows; batches come in all of them.
    options.setMemoryPatternOptimization(false);
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    options.addConfigEntry("session.inter_op.allow_spinning", "0");
    return options;
  }

  /**
   * Loads the graph that a manifest describes, holds it to the manifest (SHA-256, tensors, golden
   * rows) and warms it up.
   *
   * @param folder where the manifest and the graph are
   * @throws RefusedException if a check fails, with every problem that this check finds
   */
  public static OnnxModel open(Path folder, Manifest manifest, OnnxSettings settings)
      throws RefusedException {
    Path file = folder.resolve(manifest.onnx().file());
    byte[] graph = read(file);
    checkHash(file, graph, manifest.onnx().sha256());
    OnnxModel model;
    try {
      model = new OnnxModel(manifest, graph, settings);
    } catch (OrtException e) {
      throw new RefusedException(List.of(file + ": " + e.getMessage()));
    }
    try {
      TensorCheck.check(file, manifest, model.session);
      GoldenCheck.check(file, manifest, model.runners.getFirst());
      for (OnnxRunner runner : model.runners) {
        runner.warmUp(manifest.golden().rows());
      }
      return model;
    } catch (OrtException e) {
      model.close();
      throw new RefusedException(List.of(file + ": " + e.getMessage()));
    } catch (RefusedException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private static byte[] read(Path file) throws RefusedException {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new RefusedException(List.of(file + ": cannot be read: " + e));
    }
  }

  private static void checkHash(Path file, byte[] content, String expected)
      throws RefusedException {
    String actual;
    try {
      actual = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
    if (!actual.equals(expected)) {
      throw new RefusedException(
          List.of(file + ": sha256: " + actual + " (expected by the manifest: " + expected + ")"));
    }
  }

  public Manifest manifest() {
    return manifest;
  }

  public String name() {
    return manifest.name();
  }

  public String version() {
    return manifest.version();
  }

  /** W: outputs a row. */
  public int outputWidth() {
    return manifest.outputWidth();
  }

  float[] defaults() {
    return defaults;
  }

  OnnxRunner runner(int lane) {
    return runners.get(lane);
  }

  /** Frees the session. No lane may be running the model. */
  @Override
  public void close() {
    runners.forEach(OnnxRunner::close);
    try {
      session.close();
    } catch (OrtException e) {
      log.warn("{}: session not closed: {}", this, e.getMessage());
    }
    options.close();
  }

  @Override
  public String toString() {
    return manifest.name() + " " + manifest.version();
  }
}
