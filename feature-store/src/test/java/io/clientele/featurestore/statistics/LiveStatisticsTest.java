package io.clientele.featurestore.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.OverloadedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LiveStatisticsTest {
  private static final int PATIENCE_SECONDS = 60;
  private static final int NO_LIMIT = 1_000_000_000;
  private static final Instant NOW = Instant.parse("2026-06-30T12:00:00Z");

  private final FeaturePlan plan = FeaturePlan.of(Catalog.retail());
  private final FeatureSelection selection =
      plan.select(List.of("spend_30d", "days_since_last_order"));
  private final CountDownLatch release = new CountDownLatch(1);
  private final LiveStatistics statistics =
      LiveStatistics.start(plan.catalog(), NO_LIMIT, () -> NOW);

  @AfterEach
  void stop() {
    release.countDown();
    statistics.close();
  }

  @Test
  void countsPresentMissingAndStaleValuesOfKnownCustomersOnly() {
    GetFeaturesResponse answer =
        answer(
            List.of(
                CustomerStatus.FOUND,
                CustomerStatus.UNKNOWN,
                CustomerStatus.FOUND,
                CustomerStatus.DAMAGED),
            new float[] {1, 2, 0, 0, 3, 1095, 0, 0},
            new int[] {0b11, 0b11, 0b01, 0b11},
            new int[] {0b10, 0b11, 0b00, 0b11});

    statistics.offer(selection, answer, 2, System.nanoTime());

    assertThat(ask("spend_30d")).isEqualTo(new Seen(2, 0, 0, 1, 3));
    assertThat(ask("days_since_last_order")).isEqualTo(new Seen(2, 1, 1, 2, 2));
    assertThat(statistics.ask(Statistics::rowsRead).join()).isEqualTo(2);
    assertThat(statistics.ask(Statistics::rowsSampled).join()).isEqualTo(2);
    assertThat(statistics.ask(Statistics::since).join()).isEqualTo(NOW);
  }

  @Test
  void dropsAnswersThatTheFullQueueHasNoRoomForAndLetsNobodyWait() {
    CompletableFuture<Boolean> busy = holdTheThread();
    GetFeaturesResponse one =
        answer(List.of(CustomerStatus.FOUND), new float[] {1, 2}, new int[] {0b11}, new int[] {});

    int offers = 10 * LiveStatistics.MAX_WAITING;
    for (int i = 0; i < offers; i++) {
      statistics.offer(selection, one, 1, System.nanoTime()); // returns though nobody counts
    }
    assertThat(busy).isNotDone();
    release.countDown();

    assertThat(statistics.ask(Statistics::rowsSampled).join())
        .isEqualTo(LiveStatistics.MAX_WAITING);
    assertThat(statistics.ask(Statistics::rowsRead).join()).isEqualTo(offers);
    assertThat(busy.join()).isTrue();
  }

  @Test
  void refusesQuestionsWhenTooManyWait() {
    CompletableFuture<Boolean> busy = holdTheThread();
    var asked = new ArrayList<CompletableFuture<Long>>();

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000; i++) {
                asked.add(statistics.ask(Statistics::rowsRead));
              }
            })
        .isInstanceOf(OverloadedException.class);
    release.countDown();

    assertThat(busy.join()).isTrue();
    assertThat(asked).isNotEmpty().allSatisfy(answer -> assertThat(answer.join()).isZero());
  }

  @Test
  void goesOnAfterAnAnswerThatCannotBeCountedAndAQuestionThatFails() {
    var torn =
        GetFeaturesResponse.newBuilder().addCustomers(CustomerStatus.FOUND).build(); // no values
    statistics.offer(selection, torn, 1, System.nanoTime());
    assertThat(statistics.ask(Statistics::rowsSampled).join()).isZero();

    CompletableFuture<Object> failing =
        statistics.ask(
            all -> {
              throw new IllegalStateException("as asked");
            });
    assertThatThrownBy(failing::join).hasRootCauseMessage("as asked");
    assertThat(statistics.ask(Statistics::rowsRead).join()).isEqualTo(1);
  }

  @Test
  void leavesNoQuestionWithoutAnEnd() {
    statistics.close();

    assertThat(statistics.ask(Statistics::rowsRead)).isCancelled();
  }

  /** Returns once the thread that counts is at a question that ends with the release. */
  private CompletableFuture<Boolean> holdTheThread() {
    var reached = new CountDownLatch(1);
    CompletableFuture<Boolean> question =
        statistics.ask(
            all -> {
              reached.countDown();
              return await(release);
            });
    assertThat(await(reached)).isTrue();
    return question;
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Seen ask(String name) {
    return statistics
        .ask(
            all ->
                all.features().stream()
                    .filter(f -> f.name().equals(name))
                    .map(f -> new Seen(f.count(), f.missing(), f.stale(), f.min(), f.max()))
                    .findFirst()
                    .orElseThrow())
        .join();
  }

  /** An answer of two columns. */
  private static GetFeaturesResponse answer(
      List<CustomerStatus> customers, float[] values, int[] presence, int[] staleness) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return GetFeaturesResponse.newBuilder()
        .addAllCustomers(customers)
        .setValues(ByteString.copyFrom(bytes.array()))
        .setPresence(bits(presence))
        .setStaleness(bits(staleness))
        .build();
  }

  private static ByteString bits(int[] rows) {
    byte[] bytes = new byte[rows.length];
    for (int i = 0; i < rows.length; i++) {
      bytes[i] = (byte) rows[i];
    }
    return ByteString.copyFrom(bytes);
  }

  private record Seen(long count, long missing, long stale, float min, float max) {}
}
