package io.clientele.grpc;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JVM's threads that compile, beside those that serve. A new process compiles for seconds after
 * it says SERVING: its first callers would wait for the cores, not for code that is slow.
 */
final class CompilerThreads {
  private static final Logger log = LoggerFactory.getLogger(CompilerThreads.class);
  private static final Path THREADS = Path.of("/proc/self/task");
  private static final String OPTIMIZING = "C2 CompilerThre"; // Linux keeps 15 bytes of a name

  /**
   * How much nicer it is than the thread that serves: where those take all of a core, it has a
   * tenth of it. With less, a process that starts under more load than it bears would hardly become
   * faster.
   */
  static final int NICER = 10;

  private static final int NICEST = 19;
  private static final int PRIO_PROCESS = 0; // of which Linux takes a thread to be one
  private static final int THIS_THREAD = 0;

  private CompilerThreads() {}

  /**
   * Lets those that serve go before the optimizing compiler, C2, for the rest of the process: no
   * privilege is needed, and without one it cannot be taken back. The launcher has the JVM start
   * all of C2's threads at once: this finds those that there are. Does nothing where threads have
   * no priorities of their own, as on macOS.
   */
  static void yieldToCalls() {
    if (!Files.isDirectory(THREADS)) {
      return;
    }
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      MethodHandle getPriority = ofTheSystem("getpriority", JAVA_INT, JAVA_INT);
      MethodHandle setPriority = ofTheSystem("setpriority", JAVA_INT, JAVA_INT, JAVA_INT);
      int own = (int) getPriority.invokeExact(PRIO_PROCESS, THIS_THREAD);
      int nice = Math.min(own + NICER, NICEST);
      for (Path thread : threads) {
        if (name(thread).startsWith(OPTIMIZING)) {
          int id = Integer.parseInt(thread.getFileName().toString());
          if ((int) setPriority.invokeExact(PRIO_PROCESS, id, nice) != 0) {
            log.info("a thread of the compiler keeps its priority: nice {} is refused", nice);
          }
        }
      }
    } catch (Throwable e) { // a start never fails for it
      log.info("the compiler keeps its priority: {}", e.toString());
    }
  }

  /** A function of the C library that returns an int. */
  @SuppressWarnings("restricted") // the process allows native access for ONNX Runtime's sake
  private static MethodHandle ofTheSystem(String name, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static String name(Path thread) throws IOException {
    try {
      return Files.readString(thread.resolve("comm"));
    } catch (IOException e) {
      if (Files.exists(thread)) {
        throw e;
      }
      return ""; // it ended meanwhile
    }
  }
}
