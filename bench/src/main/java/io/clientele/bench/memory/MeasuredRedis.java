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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;

/**
 * A Redis of one's own, on a directory that goes with it, asked what it holds and what it spends.
 * Not thread-safe.
 */
final class MeasuredRedis implements AutoCloseable {
  private final Path directory;
  private final RedisProcess process;
  private final RedisInfo info;
  private final Jedis redis;

  private MeasuredRedis(Path directory, RedisProcess process) {
    this.directory = directory;
    this.process = process;
    info = new RedisInfo(process.uri());
    redis = info.redis();
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

  void clear() {
    redis.flushAll();
  }

  /** Begins to keep an append-only file. */
  void keepAppendOnlyFile() {
    set("auto-aof-rewrite-percentage", "0");
    set("appendonly", "yes");
    info.awaitAppendOnlyFile();
  }

  /** Writes the append-only file anew. */
  void rewriteAppendOnlyFile() {
    redis.bgrewriteaof();
    info.awaitAppendOnlyFile();
  }

  /** Has it move values together in memory, if it can, for so long. */
  void defragment(Duration length) {
    set("activedefrag", "yes");
    RedisInfo.pause(length);
    set("activedefrag", "no");
  }

  /** What it says of itself. */
  RedisInfo info() {
    return info;
  }

  /** The processor time that it has taken, in microseconds. */
  double cpuMicros() {
    return 1e6
        * (Double.parseDouble(info.field("cpu", "used_cpu_user_main_thread"))
            + Double.parseDouble(info.field("cpu", "used_cpu_sys_main_thread")));
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
    info.close();
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
