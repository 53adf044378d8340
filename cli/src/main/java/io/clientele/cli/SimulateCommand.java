package io.clientele.cli;

import io.clientele.grpc.SettingsProblems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes the event log of a shop that is made up. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description =
        "Writes an event log of customers who do not exist, and who buy, leave and spend as those"
            + " of CDNOW did (Pareto/NBD, gamma-gamma). The same seed and --until give the same"
            + " log.")
final class SimulateCommand implements Callable<Integer> {
  private static final long MAX_CUSTOMERS = 100_000_000;
  private static final int MAX_WEEKS = 1_000;
  private static final int MAX_CATEGORIES = 10_000;
  private static final int MAX_VIEWS = 1_000;

  @Option(
      names = "--customers",
      required = true,
      paramLabel = "N",
      description = "How many customers there are.")
  private long customers;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "S",
      description = "Where the random numbers start. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--until",
      paramLabel = "DATE|INSTANT",
      description =
          "When the log ends; a date stands for the end of that day in UTC. Default: the end of"
              + " yesterday.")
  private @Nullable String until;

  @Option(
      names = "--weeks",
      defaultValue = "" + SimulatedShop.Settings.DEFAULT_WEEKS,
      paramLabel = "W",
      description = "From the first order to the end of the log. Default: ${DEFAULT-VALUE}.")
  private int weeks;

  @Option(
      names = "--joining-weeks",
      defaultValue = "" + SimulatedShop.Settings.DEFAULT_JOINING_WEEKS,
      paramLabel = "W",
      description = "How long new customers come. Default: ${DEFAULT-VALUE}.")
  private int joiningWeeks;

  @Option(
      names = "--categories",
      defaultValue = "12",
      paramLabel = "N",
      description =
          "Of how many categories orders are; 0 for a log without. Default: ${DEFAULT-VALUE}.")
  private int categories;

  @Option(
      names = "--views",
      defaultValue = "0",
      paramLabel = "RATIO",
      description =
          "Views an order, on average; above 0, each order has a cart event too. Default:"
              + " ${DEFAULT-VALUE}.")
  private double views;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "What to write, .csv or .parquet.")
  private Path out = Path.of("");

  @Override
  public Integer call() throws IOException, SQLException {
    SimulatedShop.Settings settings = settings();
    var shop = new SimulatedShop(settings);
    List<String> dimensions = categories == 0 ? List.of() : List.of("category");
    try (var file = new EventLogFile(out, List.of("amount", "items"), dimensions)) {
      shop.forEach(file::add);
      System.out.printf(
          "%s: %,d events of %,d customers until %s%n",
          out, file.finish(), customers, settings.until());
    }
    return 0;
  }

  private SimulatedShop.Settings settings() {
    SettingsProblems problems = new SettingsProblems();
    problems.require(
        customers >= 1 && customers <= MAX_CUSTOMERS,
        "--customers",
        customers,
        "1.." + MAX_CUSTOMERS);
    problems.require(weeks >= 1 && weeks <= MAX_WEEKS, "--weeks", weeks, "1.." + MAX_WEEKS);
    problems.require(
        joiningWeeks >= 1 && joiningWeeks <= weeks,
        "--joining-weeks",
        joiningWeeks,
        "1 to --weeks, " + weeks);
    problems.require(
        categories >= 0 && categories <= MAX_CATEGORIES,
        "--categories",
        categories,
        "0.." + MAX_CATEGORIES);
    problems.require(views >= 0 && views <= MAX_VIEWS, "--views", views, "0.." + MAX_VIEWS);
    problems.require(EventLogFile.isLog(out), "--out", out, "*.csv or *.parquet");
    Path folder = out.toAbsolutePath().getParent();
    problems.require(
        folder != null && Files.isWritable(folder), "--out", out, "a file in a writable folder");
    Instant end = Instant.EPOCH;
    try {
      end =
          AsOf.parse(
              until == null
                  ? LocalDate.now(ZoneOffset.UTC).minusDays(1).toString()
                  : until.strip());
    } catch (IllegalArgumentException e) {
      problems.add("--until: " + e.getMessage());
    }
    problems.throwIfAny();
    return new SimulatedShop.Settings(customers, seed, end, weeks, joiningWeeks, categories, views);
  }
}
