package io.clientele.scorer.inference;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The process's one ONNX Runtime, silent and without telemetry.
 *
 * <p>From 1.29 on, ONNX Runtime reports to its maker on Linux and macOS unless a variable in the
 * environment says otherwise. It also reads the process's command line with regular expressions
 * that overflow the stack, and so end the process, where the class path is long. Java cannot change
 * its own environment, so the C library is asked to, before ONNX Runtime is loaded.
 */
final class OnnxEnvironment {
  private static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";

  private OnnxEnvironment() {}

  static synchronized OrtEnvironment get() throws OrtException {
    setVariable(NO_TELEMETRY, "1");
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "clientele");
    environment.setTelemetry(false);
    return environment;
  }

  @SuppressWarnings("restricted") // the process allows native access for ONNX Runtime's sake
  private static void setVariable(String name, String value) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> setenv = linker.defaultLookup().find("setenv");
    if (setenv.isEmpty()) {
      return; // Windows, where setTelemetry is enough
    }
    MethodHandle call =
        linker.downcallHandle(
            setenv.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) call.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
      if (result != 0) {
        throw new IllegalStateException("setenv " + name + ": " + result + " (expected: 0)");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t); // the C function throws nothing
    }
  }
}
