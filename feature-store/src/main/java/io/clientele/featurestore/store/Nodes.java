package io.clientele.featurestore.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * The masters that hold a store, and which of them each bucket is on. Masters are numbered from 0.
 * Immutable.
 */
final class Nodes {
  /** What a Redis Cluster divides keys into. */
  static final int SLOTS = 16_384;

  /** The number of no master: nobody serves the bucket. */
  static final int NONE = -1;

  private final List<HostAndPort> masters;
  private final int[] ofBucket;
  private final int ofForm;

  private Nodes(List<HostAndPort> masters, int[] ofBucket, int ofForm) {
    this.masters = List.copyOf(masters);
    this.ofBucket = ofBucket;
    this.ofForm = ofForm;
  }

  /** One node that holds everything. */
  static Nodes of(HostAndPort master, int buckets) {
    return new Nodes(List.of(master), new int[buckets], 0);
  }

  /**
   * The nodes of a cluster.
   *
   * @param ofSlot the master of each slot; null where it has none
   */
  static Nodes of(@Nullable HostAndPort[] ofSlot, int buckets) {
    var masters = new ArrayList<HostAndPort>();
    for (HostAndPort master : ofSlot) {
      if (master != null && !masters.contains(master)) {
        masters.add(master);
      }
    }
    int[] ofBucket = new int[buckets];
    for (int bucket = 0; bucket < buckets; bucket++) {
      ofBucket[bucket] = number(masters, ofSlot[slot(bucket)]);
    }
    return new Nodes(masters, ofBucket, number(masters, ofSlot[StoreFormat.SLOT]));
  }

  private static int number(List<HostAndPort> masters, @Nullable HostAndPort master) {
    return master == null ? NONE : masters.indexOf(master);
  }

  /** The slot that the keys of a bucket are in. */
  static int slot(int bucket) {
    return JedisClusterCRC16.getSlot("b" + bucket);
  }

  /** How many masters there are. */
  int size() {
    return masters.size();
  }

  List<HostAndPort> masters() {
    return masters;
  }

  HostAndPort master(int number) {
    return masters.get(number);
  }

  /** The number of the master that has a bucket. */
  int ofBucket(int bucket) {
    return ofBucket[bucket];
  }

  /** The number of the master that has the store's form. */
  int ofForm() {
    return ofForm;
  }

  /** Whether this master has the store's form. */
  boolean hasForm(HostAndPort master) {
    return ofForm != NONE && masters.get(ofForm).equals(master);
  }

  /** How many buckets no master has. */
  int bucketsWithoutMaster() {
    return (int) Arrays.stream(ofBucket).filter(number -> number == NONE).count();
  }

  /** The same nodes with a slot on another master. */
  Nodes with(int slot, HostAndPort master) {
    var others = new ArrayList<>(masters);
    if (!others.contains(master)) {
      others.add(master);
    }
    int number = others.indexOf(master);
    int[] moved = ofBucket.clone();
    for (int bucket = 0; bucket < moved.length; bucket++) {
      if (slot(bucket) == slot) {
        moved[bucket] = number;
      }
    }
    return new Nodes(others, moved, slot == StoreFormat.SLOT ? number : ofForm);
  }

  boolean isSame(Nodes other) {
    return masters.equals(other.masters)
        && ofForm == other.ofForm
        && Arrays.equals(ofBucket, other.ofBucket);
  }

  @Override
  public String toString() {
    return masters.toString();
  }
}
