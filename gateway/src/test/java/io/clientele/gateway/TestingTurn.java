package io.clientele.gateway;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** The turn of an event loop, which ends when the test says so. */
final class TestingTurn implements Executor {
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  /** Tasks that the turn will end with. */
  int waiting() {
    return tasks.size();
  }

  /** Runs what it was given until now. */
  void end() {
    for (int left = tasks.size(); left > 0; left--) {
      tasks.remove().run();
    }
  }
}
