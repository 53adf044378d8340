package io.clientele.featurestore.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WaitingWorkTest {
  private final WaitingWork<Piece> waiting = new WaitingWork<>("test queue", 10, 4);

  @Test
  void givesWhatWaitsAsOneBatchUpToItsLimit() throws InterruptedException {
    Piece first = new Piece(1);
    Piece second = new Piece(2);
    Piece third = new Piece(3);
    Piece fourth = new Piece(4);
    waiting.add(first);
    waiting.add(second);
    waiting.add(third);
    waiting.add(fourth);

    assertThat(waiting.take()).containsExactly(first, second, third);
    assertThat(waiting.take()).containsExactly(fourth);
  }

  @Test
  void refusesWhatDoesNotFitAndTakesItOnceThereIsRoom() throws InterruptedException {
    waiting.add(new Piece(8));
    assertThatThrownBy(() -> waiting.add(new Piece(3)))
        .isInstanceOf(OverloadedException.class)
        .hasMessage("test queue is full (limit: 10)");

    waiting.take();
    waiting.add(new Piece(10));
    assertThat(waiting.take()).hasSize(1);
  }

  @Test
  void failsWhatWaitsWhenItIsClosed() throws InterruptedException {
    Piece left = new Piece(1);
    waiting.add(left);

    waiting.close();

    assertThat(left.failure()).isInstanceOf(UnavailableException.class);
    assertThat(waiting.take()).isEmpty();
    assertThatThrownBy(() -> waiting.add(new Piece(1))).isInstanceOf(UnavailableException.class);
  }

  @Test
  void givesAtOnceWhatIsWantedAndFits() throws InterruptedException {
    Piece first = new Piece(2);
    Piece second = new Piece(2);
    Piece third = new Piece(1);
    waiting.addQuietly(first);
    waiting.addQuietly(second);
    waiting.addQuietly(third);

    assertThat(waiting.poll(3, piece -> true)).containsExactly(first);
    assertThat(waiting.poll(3, piece -> !second.equals(piece))).isEmpty();
    assertThat(waiting.take()).containsExactly(second, third);
    assertThat(waiting.poll(3, piece -> true)).isEmpty();
  }

  @Test
  void takesBackBeforeAllElseWhetherThereIsRoomOrNot() throws InterruptedException {
    Piece taken = new Piece(4);
    Piece other = new Piece(10);
    waiting.add(taken);
    assertThat(waiting.take()).containsExactly(taken);
    waiting.add(other);

    waiting.again(taken);

    assertThat(waiting.take()).containsExactly(taken);
    waiting.close();
    waiting.again(taken);
    assertThat(taken.failure()).isInstanceOf(UnavailableException.class);
    assertThat(other.failure()).isInstanceOf(UnavailableException.class);
  }

  private static final class Piece implements Work {
    private final int weight;
    private final CompletableFuture<Void> result = new CompletableFuture<>();

    Piece(int weight) {
      this.weight = weight;
    }

    @Nullable Throwable failure() {
      return result.isCompletedExceptionally() ? result.exceptionNow() : null;
    }

    @Override
    public int weight() {
      return weight;
    }

    @Override
    public boolean abandoned() {
      return false;
    }

    @Override
    public void fail(Throwable cause) {
      result.completeExceptionally(cause);
    }
  }
}
