package io.clientele.grpc;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a command's options: flags first, then environment variables, then defaults. The variable
 * of {@code --cache-size} of {@code gateway} is {@code CLIENTELE_GATEWAY_CACHE_SIZE}. Every problem
 * is told at once: unknown flags, unknown variables of the command, values that do not parse.
 */
public final class Settings {
  private static final String PREFIX = "CLIENTELE_";
  private static final String MASK = "****";

  private Settings() {}

  /**
   * Runs a picocli command, with its subcommands, and returns its exit code: 2 where settings are
   * wrong, 1 where it failed.
   */
  public static int run(Callable<Integer> command, String... args) {
    CommandLine line = commandLine(command, System.getenv());
    PrintWriter err = line.getErr();
    ParseResult parsed = line.parseArgs(args);
    Set<String> problems = new LinkedHashSet<>(); // a subcommand's errors are its parents' too
    ParseResult leaf = parsed;
    collect(leaf, problems);
    while (leaf.hasSubcommand()) {
      leaf = leaf.subcommand();
      collect(leaf, problems);
    }
    CommandLine selected = leaf.commandSpec().commandLine();
    if (CommandLine.executeHelpRequest(parsed) != null) {
      return CommandLine.ExitCode.OK;
    }
    problems.addAll(unknownVariables(leaf.commandSpec(), System.getenv()));
    if (!problems.isEmpty()) {
      return refuse(err, selected, problems);
    }
    try {
      Object user = leaf.commandSpec().userObject();
      if (user instanceof Callable<?> callable) {
        return callable.call() instanceof Integer code ? code : CommandLine.ExitCode.OK;
      }
      selected.usage(err);
      return CommandLine.ExitCode.USAGE;
    } catch (SettingsException e) {
      return refuse(err, selected, e.problems());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CommandLine.ExitCode.SOFTWARE;
    } catch (Exception e) {
      if (e.getMessage() == null) {
        e.printStackTrace(err); // a bug: nobody meant it to be read
      } else {
        err.println(e.getMessage());
      }
      err.flush();
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  /**
   * Fills options without a command, for a process that holds several services. What is wrong is
   * added to the problems, and the option keeps its default.
   *
   * @param name whose variables to read, such as {@code gateway}
   */
  public static <T> T parse(
      T options,
      String name,
      Map<String, String> environment,
      SettingsProblems problems,
      String... args) {
    CommandSpec spec = CommandSpec.forAnnotatedObject(options).name(name);
    ParseResult parsed = prepare(new CommandLine(spec), environment).parseArgs(args);
    parsed.errors().forEach(error -> problems.add(name + ": " + error.getMessage()));
    unknownVariables(spec, environment).forEach(problems::add);
    return options;
  }

  /** The effective options of a command, one {@code --name=value} each, with secrets masked. */
  public static String effective(Object options) {
    return CommandSpec.forAnnotatedObject(options).options().stream()
        .filter(option -> !option.usageHelp() && !option.versionHelp())
        .map(option -> option.longestName() + "=" + masked(option))
        .collect(Collectors.joining(" "));
  }

  private static String masked(OptionSpec option) {
    Object value = option.getValue();
    if (value == null) {
      return "default";
    }
    return option.longestName().endsWith("password")
        ? MASK
        : value.toString().replaceAll("(?<=://)([^:@/]*):[^@/]*@", "$1:" + MASK + "@");
  }

  private static CommandLine commandLine(Object command, Map<String, String> environment) {
    return prepare(new CommandLine(command), environment);
  }

  private static CommandLine prepare(CommandLine line, Map<String, String> environment) {
    line.registerConverter(HostPort.class, inWords(HostPort::parse));
    line.registerConverter(Duration.class, inWords(Durations::parse));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setDefaultValueProvider(
        arg -> {
          String variable = variable(arg);
          return variable == null ? null : environment.get(variable);
        });
    collectErrorsAndDescribe(line);
    return line;
  }

  /** A converter whose failure is told by its message alone. */
  private static <T> ITypeConverter<T> inWords(Function<String, T> parser) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }

  private static void collectErrorsAndDescribe(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    spec.parser().collectErrors(true);
    for (OptionSpec option : List.copyOf(spec.options())) {
      if (option.usageHelp() || option.versionHelp() || option.description().length == 0) {
        continue;
      }
      String[] description = option.description().clone();
      description[description.length - 1] += " [" + variable(option) + "]";
      spec.remove(option);
      spec.addOption(option.toBuilder().description(description).build());
    }
    line.getSubcommands().values().forEach(Settings::collectErrorsAndDescribe);
  }

  private static @Nullable String variable(ArgSpec arg) {
    if (!(arg instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    String flag = option.longestName().replaceFirst("^--?", "");
    return prefix(arg.command()) + upper(flag);
  }

  private static String prefix(CommandSpec spec) {
    return PREFIX + upper(spec.name()) + "_";
  }

  private static String upper(String name) {
    return name.replace('-', '_').toUpperCase(Locale.ROOT);
  }

  private static void collect(ParseResult parsed, Collection<String> problems) {
    for (Exception error : parsed.errors()) {
      problems.add(error.getMessage());
    }
  }

  private static List<String> unknownVariables(CommandSpec spec, Map<String, String> environment) {
    Set<String> known = new HashSet<>();
    for (OptionSpec option : spec.options()) {
      known.add(String.valueOf(variable(option)));
    }
    String prefix = prefix(spec);
    return environment.keySet().stream()
        .filter(name -> name.startsWith(prefix) && !known.contains(name))
        .sorted()
        .map(name -> "Unknown environment variable: " + name)
        .toList();
  }

  private static int refuse(PrintWriter err, CommandLine command, Collection<String> problems) {
    problems.forEach(err::println);
    err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }
}
