package io.clientele.bench.limits;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Interactive calls at a fixed rate: alone, and beside streams that ask for as much as they get.
 *
 * @param rate calls a second
 * @param alone the calls with nothing beside them
 * @param beside the calls with the streams beside them
 * @param stream the streams' messages
 */
record Backfill(double rate, Point alone, Point beside, Point stream) {
  static final int MESSAGES_IN_FLIGHT = 8;
  private static final Duration LEAD = Duration.ofMillis(500);

  /** Measures each in turn, in rounds. */
  static Backfill measure(
      Scenario interactive, Scenario stream, double rate, Duration length, int rounds)
      throws Exception {
    List<Round> alone = new ArrayList<>();
    List<Round> beside = new ArrayList<>();
    List<Round> streams = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      System.out.printf("round %d of %d: beside a stream%n", round, rounds);
      alone.add(calls(interactive, rate, length));
      try (ExecutorService thread = Executors.newSingleThreadExecutor();
          Call backfill = stream.open().apply(MESSAGES_IN_FLIGHT)) {
        Duration longer = length.plus(LEAD.multipliedBy(2));
        Future<Round> streaming =
            thread.submit(
                () ->
                    Round.of(
                        stream,
                        () -> ClosedLoop.run(backfill, MESSAGES_IN_FLIGHT, longer, Pace.SYSTEM)));
        Thread.sleep(LEAD);
        beside.add(calls(interactive, rate, length));
        streams.add(streaming.get());
      }
    }
    return new Backfill(
        rate,
        new Point(interactive, Point.HALF, alone),
        new Point(interactive, Point.HALF, beside),
        new Point(stream, MESSAGES_IN_FLIGHT, streams));
  }

  private static Round calls(Scenario interactive, double rate, Duration length) throws Exception {
    int mostInFlight = interactive.mostInFlight();
    try (Call call = interactive.open().apply(mostInFlight)) {
      return Round.of(
          interactive, () -> OpenLoop.run(call, rate, length, mostInFlight, Pace.SYSTEM));
    }
  }
}
