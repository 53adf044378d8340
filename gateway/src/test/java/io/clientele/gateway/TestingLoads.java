package io.clientele.gateway;

import io.grpc.Context;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Loads as futures, one a key; each is told once or it fails. */
final class TestingLoads<V> implements Receiver<V> {
  private final List<CompletableFuture<V>> results;

  /**
   * @param results one a key, in the keys' order
   */
  TestingLoads(List<CompletableFuture<V>> results) {
    this.results = results;
  }

  static <K, V> CompletableFuture<V> load(
      Coalescer<K, V> coalescer, K key, Context context, boolean fresh) {
    return loadAll(coalescer, List.of(key), context, fresh).getFirst();
  }

  static <K, V> List<CompletableFuture<V>> loadAll(
      Coalescer<K, V> coalescer, List<K> keys, Context context, boolean fresh) {
    List<CompletableFuture<V>> results =
        Stream.generate(CompletableFuture<V>::new).limit(keys.size()).toList();
    coalescer.load(keys, context, fresh, new TestingLoads<>(results));
    return results;
  }

  @Override
  public void received(int index, V value) {
    if (!results.get(index).complete(value)) {
      twice(index);
    }
  }

  @Override
  public void failed(int index, Throwable failure) {
    if (!results.get(index).completeExceptionally(failure)) {
      twice(index);
    }
  }

  /** Thrown, it would be caught by who tells. */
  private void twice(int index) {
    results.get(index).obtrudeException(new AssertionError("told twice"));
  }
}
