package io.clientele.bench.memory;

import java.util.List;

/** A way to keep customers' features in Redis. Not thread-safe. */
interface Layout extends MatrixReader, AutoCloseable {
  /** Writes customers who are not there yet. */
  void write(List<Customer> customers);

  /** Waits until all is written, and closes its connections. */
  @Override
  void close();
}
