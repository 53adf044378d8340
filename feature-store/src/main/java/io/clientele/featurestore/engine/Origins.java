package io.clientele.featurestore.engine;

import io.clientele.featurestore.catalog.Formula;
import io.clientele.featurestore.catalog.Formula.Aggregation;
import io.clientele.featurestore.catalog.Formula.Pushed;
import io.clientele.featurestore.catalog.Formula.Ratio;
import io.clientele.featurestore.catalog.Window;

/** Says of the features of the row that a reader has read what they follow from, in words. */
final class Origins {
  private final FeatureReader reader;
  private final FeatureSelection selection;

  Origins(FeatureReader reader) {
    this.reader = reader;
    this.selection = reader.selection();
  }

  /** Such as {@code 3 order events, 2026-01-02 to 2026-02-03} or {@code written by crm, …}. */
  String of(int column) {
    int step = selection.steps[column];
    return switch (selection.features.get(column).formula()) {
      case Aggregation aggregation -> events(aggregation, step);
      case Ratio ratio -> {
        int place = step - selection.operators.length;
        yield part(ratio.dividend().formula(), selection.dividends[place])
            + " / "
            + part(ratio.divisor().formula(), selection.divisors[place]);
      }
      case Pushed pushed -> write(pushed, column);
    };
  }

  private String part(Formula formula, int step) {
    return formula instanceof Aggregation aggregation ? events(aggregation, step) : "";
  }

  private String events(Aggregation aggregation, int step) {
    String type = aggregation.event().name();
    if (reader.isUnansweredStep(step)) {
      return type + " events that the state does not tell any more";
    }
    long count = reader.cell(selection.countCells[step]);
    boolean lifetime = aggregation.window().equals(Window.LIFETIME);
    String since =
        lifetime
            ? ""
            : " since " + Days.text(Days.of(reader.moment()) - aggregation.window().days() + 1);
    if (count == 0) {
      return "no " + type + " event" + since;
    }
    TypeCells cells = selection.aggregationTypes[step];
    String last = day(reader.cell(cells.lastMs()));
    String first = day(reader.cell(cells.firstMs()));
    String events = count + " " + type + (count == 1 ? " event" : " events") + since;
    if (!lifetime) {
      return events + ", the last on " + last;
    }
    return events + ", " + (first.equals(last) ? last : first + " to " + last);
  }

  private String write(Pushed pushed, int column) {
    GroupReader group = reader.groupOf(column);
    String name = pushed.group().name();
    return switch (group.content()) {
      case NONE -> name + " was never written";
      case LATER -> name + " was written again since, " + Times.text(group.timeMs());
      case FOREIGN -> name + " was written under another definition";
      case DAMAGED -> "what was written to " + name + " is damaged";
      case VALUES -> {
        String by = group.source().isEmpty() ? "" : " by " + group.source();
        String write = "written" + by + ", " + Times.text(group.timeMs());
        yield reader.isPresent(column) ? write : "not given where " + name + " was " + write;
      }
    };
  }

  private static String day(long timeMs) {
    return Days.text(Days.of(timeMs));
  }
}
