package io.clientele.bench.limits;

import com.google.errorprone.annotations.FormatMethod;
import io.clientele.bench.limits.Start.FixedRate;
import io.clientele.bench.limits.Start.OneService;
import io.clientele.bench.limits.Start.StartedAs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Starts as tables. Figures are medians over starts.
 *
 * @param rates calls a second
 * @param calls that were measured after SERVING
 * @param load between those and the steady ones
 */
record ColdStartReport(List<Start> starts, Map<StartedAs, Double> rates, int calls, Duration load) {
  String markdown() {
    return serving() + firstCalls() + cores() + becomingSteady() + memory();
  }

  /** A start in a line. */
  static String line(Start start) {
    StringBuilder line = new StringBuilder();
    for (OneService service : start.services()) {
      line.append(text("%s %.2f s, ", service.name(), service.seconds()));
    }
    return line.append(
            text(
                "%s; first calls p99 %.2f ms, steady %.2f ms, %.1f times, %d errors;"
                    + " %,.0f of them a second, %,.0f in the first second of load,"
                    + " %,.0f in the last;"
                    + " C2 %.2f, %.2f, %.2f s; cores in use %.2f, steady %.2f",
                start.help().words(),
                start.first().outcome().millis(99),
                start.steadyMillis(99),
                start.ratio(),
                start.first().outcome().errors(),
                start.first().outcome().callsPerSecond(),
                start.callsPerSecond().getFirst(),
                start.callsPerSecond().getLast(),
                start.c2Seconds().atServing(),
                start.c2Seconds().afterFirstCalls(),
                start.c2Seconds().afterLoad(),
                start.first().busyCores(),
                median(start.steady(), FixedRate::busyCores)))
        .toString();
  }

  private String serving() {
    var table =
        new StringBuilder(
            """
            ## From exec to SERVING

            Seconds.

            |\
            """);
    helps().forEach(help -> table.append(" | ").append(help.words()));
    table.append(" |\n|---|").append("--:|".repeat((int) helps().count())).append('\n');
    for (StartedAs as : rates.keySet()) {
      for (String service : services(as)) {
        table.append(text("| %s |", service));
        helps()
            .forEach(
                help ->
                    table.append(
                        text(" %.2f |", median(as, help, start -> of(start, service).seconds()))));
        table.append('\n');
      }
    }
    return table.append('\n').toString();
  }

  private String firstCalls() {
    var table =
        new StringBuilder(
            text(
                """
                ## The first %,d calls

                Milliseconds. Steady are as many calls after %d s of load.

                """,
                calls, load.toSeconds()));
    table.append("| | calls/s | p50 | p99 | longest | not computed | steady p50 | steady p99 |");
    table.append(" p99 / steady p99 |\n|---|").append("--:|".repeat(8)).append('\n');
    for (StartedAs as : rates.keySet()) {
      helps()
          .forEach(
              help ->
                  table.append(
                      text(
                          "| %s, %s | %,.0f | %.2f | %.2f | %.0f | %.0f | %.2f | %.2f | %.1f |\n",
                          as.words(),
                          help.words(),
                          rates.get(as),
                          median(as, help, start -> start.first().outcome().millis(50)),
                          median(as, help, start -> start.first().outcome().millis(99)),
                          median(as, help, start -> start.first().outcome().millis(100)),
                          median(as, help, start -> start.first().outcome().errors()),
                          median(as, help, start -> start.steadyMillis(50)),
                          median(as, help, start -> start.steadyMillis(99)),
                          median(as, help, Start::ratio))));
    }
    return table.append('\n').toString();
  }

  private String cores() {
    var table =
        new StringBuilder(
            text(
                """
                ## Who has the cores

                Microseconds of CPU a call, of the first %,d and of as many steady ones. The services' threads that serve, and those of
                their JVMs that compile and collect garbage. In use are all of them together, of %d cores.

                | | | load | Redis | serving | C1 | C2 | collector | cores in use |
                |---|---|--:|--:|--:|--:|--:|--:|--:|
                """,
                calls, Runtime.getRuntime().availableProcessors()));
    for (StartedAs as : rates.keySet()) {
      helps()
          .forEach(
              help -> {
                cores(table, as, help, "first", start -> List.of(start.first()));
                cores(table, as, help, "steady", Start::steady);
              });
    }
    return table.append('\n').toString();
  }

  private void cores(
      StringBuilder table,
      StartedAs as,
      StartHelp help,
      String which,
      Function<Start, List<FixedRate>> loads) {
    table.append(text("| %s, %s | %s |", as.words(), help.words(), which));
    List<ToDoubleFunction<CoresUsed>> users =
        List.of(
            CoresUsed::load,
            CoresUsed::redis,
            CoresUsed::serving,
            CoresUsed::c1,
            CoresUsed::c2,
            CoresUsed::collector);
    for (ToDoubleFunction<CoresUsed> user : users) {
      table.append(
          text(
              " %.1f |",
              median(
                  as,
                  help,
                  start ->
                      median(
                          loads.apply(start),
                          load ->
                              user.applyAsDouble(load.cores()) * 1e6 / load.outcome().calls()))));
    }
    table.append(
        text(
            " %.2f |\n",
            median(as, help, start -> median(loads.apply(start), FixedRate::busyCores))));
  }

  private String becomingSteady() {
    var table =
        new StringBuilder(
            text(
                """
                ## How fast it becomes steady

                Calls a second: of the first calls as asked and as answered, up to the last answer; then with %d in flight, in seconds of the load
                that follows at once. CPU seconds of the JVMs' C2 threads, at SERVING, after the first calls and after the load.

                | | asked | answered\
                """,
                Starts.IN_FLIGHT));
    List<Integer> seconds = seconds();
    seconds.forEach(second -> table.append(text(" | second %d", second)));
    table.append(" | C2 at SERVING | after the first calls | after the load |\n|---|");
    table.append("--:|".repeat(seconds.size() + 5)).append('\n');
    for (StartedAs as : rates.keySet()) {
      for (StartHelp help : helps().toList()) {
        table.append(
            text(
                "| %s, %s | %,.0f | %,.0f |",
                as.words(),
                help.words(),
                rates.get(as),
                median(as, help, start -> start.first().outcome().callsPerSecond())));
        for (int second : seconds) {
          table.append(
              text(" %,.0f |", median(as, help, start -> start.callsPerSecond().get(second - 1))));
        }
        table.append(
            text(
                " %.1f | %.1f | %.1f |\n",
                median(as, help, start -> start.c2Seconds().atServing()),
                median(as, help, start -> start.c2Seconds().afterFirstCalls()),
                median(as, help, start -> start.c2Seconds().afterLoad())));
      }
    }
    return table.append('\n').toString();
  }

  private String memory() {
    var table =
        new StringBuilder(
            """
            ## Resident memory

            MiB, at SERVING and after the load. Redis is a process of its own and not in it.

            """);
    table.append("| | | at SERVING | after the load |\n|---|---|--:|--:|\n");
    for (StartedAs as : rates.keySet()) {
      for (String service : services(as)) {
        helps()
            .forEach(
                help ->
                    table.append(
                        text(
                            "| %s | %s | %.0f | %.0f |\n",
                            service,
                            help.words(),
                            median(as, help, start -> of(start, service).restMiB()),
                            median(as, help, start -> of(start, service).loadedMiB()))));
      }
    }
    return table.toString();
  }

  /** Those of the load that are shown: 1, 2, 4 and so on, and the last. */
  private List<Integer> seconds() {
    List<Integer> seconds = new ArrayList<>();
    int last = (int) load.toSeconds();
    for (int second = 1; second < last; second *= 2) {
      seconds.add(second);
    }
    seconds.add(last);
    return seconds;
  }

  private Stream<StartHelp> helps() {
    return starts.stream().map(Start::help).distinct();
  }

  private List<String> services(StartedAs as) {
    return starts.stream()
        .filter(start -> start.as() == as)
        .flatMap(start -> start.services().stream())
        .map(OneService::name)
        .distinct()
        .toList();
  }

  private static OneService of(Start start, String service) {
    return start.services().stream()
        .filter(one -> one.name().equals(service))
        .findFirst()
        .orElseThrow();
  }

  private double median(StartedAs as, StartHelp help, ToDoubleFunction<Start> figure) {
    return Point.median(
        starts.stream()
            .filter(start -> start.as() == as && start.help() == help)
            .mapToDouble(figure)
            .toArray());
  }

  private static double median(List<FixedRate> loads, ToDoubleFunction<FixedRate> figure) {
    return Point.median(loads.stream().mapToDouble(figure).toArray());
  }

  @FormatMethod
  private static String text(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }
}
