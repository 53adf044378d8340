package io.clientele.bench.limits;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/** A process of this machine, and what it has used since its start. */
final class Server implements AutoCloseable {
  private final String name;
  private final ProcessHandle process;
  private final @Nullable JMXConnector connector;
  private final @Nullable ThreadMXBean threads;

  private Server(
      String name,
      ProcessHandle process,
      @Nullable JMXConnector connector,
      @Nullable ThreadMXBean threads) {
    this.name = name;
    this.process = process;
    this.connector = connector;
    this.threads = threads;
  }

  /** One whose allocations are not known. */
  static Server process(String name, ProcessHandle process) {
    return new Server(name, process, null, null);
  }

  /**
   * A JVM.
   *
   * @throws IOException if it does not let itself be asked
   */
  @SuppressWarnings("BanJNDI") // the address is that of a JVM of one's own on this machine
  static Server jvm(String name, ProcessHandle process) throws IOException {
    String url;
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
      try {
        url = machine.startLocalManagementAgent();
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw new IOException(name, e);
    }
    JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(url));
    ThreadMXBean threads =
        ManagementFactory.newPlatformMXBeanProxy(
            connector.getMBeanServerConnection(),
            ManagementFactory.THREAD_MXBEAN_NAME,
            ThreadMXBean.class);
    return new Server(name, process, connector, threads);
  }

  String name() {
    return name;
  }

  Usage usage() {
    return new Usage(
        process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e3,
        threads == null ? 0 : threads.getTotalThreadAllocatedBytes());
  }

  @Override
  public void close() throws IOException {
    if (connector != null) {
      connector.close();
    }
  }

  /**
   * What was used.
   *
   * @param cpuMicros processor time
   * @param allocatedBytes of the Java heap, by all threads; 0 of what is no JVM
   */
  record Usage(double cpuMicros, double allocatedBytes) {
    Usage plus(Usage other) {
      return new Usage(cpuMicros + other.cpuMicros, allocatedBytes + other.allocatedBytes);
    }

    Usage minus(Usage other) {
      return new Usage(cpuMicros - other.cpuMicros, allocatedBytes - other.allocatedBytes);
    }

    Usage over(double units) {
      return new Usage(cpuMicros / units, allocatedBytes / units);
    }
  }
}
