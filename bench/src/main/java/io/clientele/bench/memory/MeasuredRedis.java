package io.clientele.bench.memory;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clientele.featurestore.store.RedisBinary;
import io.clientele.featurestore.store.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * A Redis of one's own, on a directory that goes with it, asked what it holds and what it spends.
 * Not thread-safe.
 */
final class MeasuredRedis implements AutoCloseable {
  private static final int SCAN_COUNT = 1_000;
  private static final int TIMEOUT_MS = 60_000;

  private final Path directory;
  private final RedisProcess process;
  private final Jedis redis;

  private MeasuredRedis(Path directory, RedisProcess process) {
    this.directory = directory;
    this.process = process;
    redis = new Jedis(process.uri(), TIMEOUT_MS); // emptying a million keys takes a while
  }

  /**
   * Starts it.
   *
   * @param bundled the one that comes along; else the one that is installed, where there is one
   * @param config what {@code CONFIG SET} is to set; without it, nothing is written to disk
   */
  static MeasuredRedis start(boolean bundled, Map<String, String> config) throws IOException {
    Path directory = Files.createTempDirectory("clientele-memory");
    MeasuredRedis started;
    try {
      Path data = directory.resolve("data");
      started =
          new MeasuredRedis(
              directory,
              bundled
                  ? RedisProcess.start(RedisBinary.bundled(directory.resolve("bin")), data, 0)
                  : RedisProcess.start(data, 0));
    } catch (IOException | RuntimeException e) {
      delete(directory);
      throw e;
    }
    try {
      started.set("appendonly", "no");
      config.forEach(started::set);
      return started;
    } catch (RuntimeException e) {
      started.close();
      throw e;
    }
  }

  URI uri() {
    return process.uri();
  }

  void set(String name, String value) {
    redis.configSet(name, value);
  }

  /** Its version and allocator. */
  String description() {
    return "Redis %s, %s"
        .formatted(field("server", "redis_version"), field("memory", "mem_allocator"));
  }

  void clear() {
    redis.flushAll();
  }

  /** Begins to keep an append-only file. */
  void keepAppendOnlyFile() {
    set("auto-aof-rewrite-percentage", "0");
    set("appendonly", "yes");
    awaitAppendOnlyFile();
  }

  /** Writes the append-only file anew. */
  void rewriteAppendOnlyFile() {
    redis.bgrewriteaof();
    awaitAppendOnlyFile();
  }

  private void awaitAppendOnlyFile() {
    while (field("persistence", "aof_rewrite_in_progress").equals("1")
        || field("persistence", "aof_rewrite_scheduled").equals("1")) {
      pause(Duration.ofMillis(20));
    }
  }

  /** Has it move values together in memory, if it can, for so long. */
  void defragment(Duration length) {
    set("activedefrag", "yes");
    pause(length);
    set("activedefrag", "no");
  }

  private static void pause(Duration length) {
    try {
      Thread.sleep(length);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What all data takes, with the overhead of keys and allocator. */
  long usedBytes() {
    return Long.parseLong(field("memory", "used_memory"));
  }

  /** The processor time that it has taken, in microseconds. */
  double cpuMicros() {
    return 1e6
        * (Double.parseDouble(field("cpu", "used_cpu_user_main_thread"))
            + Double.parseDouble(field("cpu", "used_cpu_sys_main_thread")));
  }

  String field(String section, String name) {
    String wanted = name + ":";
    return redis
        .info(section)
        .lines()
        .filter(line -> line.startsWith(wanted))
        .findFirst()
        .map(line -> line.substring(wanted.length()).strip())
        .orElseThrow(() -> new IllegalStateException("INFO " + section + " has no " + name));
  }

  /** Up to so many keys that match. */
  List<byte[]> keys(String pattern, int most) {
    var params = new ScanParams().match(pattern).count(SCAN_COUNT);
    var keys = new ArrayList<byte[]>();
    byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
    do {
      ScanResult<byte[]> page = redis.scan(cursor, params);
      keys.addAll(page.getResult());
      cursor = page.getCursorAsBytes();
    } while (keys.size() < most && cursor.length > 0 && !(cursor.length == 1 && cursor[0] == '0'));
    return keys.subList(0, Math.min(most, keys.size()));
  }

  /** What the keys and their values take together. */
  long bytes(List<byte[]> keys) {
    return keys.stream().mapToLong(key -> redis.memoryUsage(key, 0)).sum();
  }

  /** The share of the keys whose value is one packed block. */
  double packedShare(List<byte[]> keys) {
    long packed =
        keys.stream()
            .map(key -> new String(redis.objectEncoding(key), US_ASCII))
            .filter(encoding -> encoding.equals("listpack") || encoding.equals("ziplist"))
            .count();
    return (double) packed / keys.size();
  }

  @Override
  public void close() {
    redis.close();
    process.close();
    delete(directory);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
