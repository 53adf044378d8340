package io.clientele.featurestore.catalog;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a feature is computed from and how. */
public sealed interface Formula {
  /**
   * An operator over the events of one type.
   *
   * @param measure set if and only if the operator wants one
   * @param dimension set if and only if the operator wants one
   */
  record Aggregation(
      Operator operator,
      EventType event,
      @Nullable Measure measure,
      @Nullable Dimension dimension,
      Window window)
      implements Formula {
    public Aggregation {
      boolean wrong =
          (measure != null) != (operator.subject() == Operator.Subject.MEASURE)
              || (dimension != null) != (operator.subject() == Operator.Subject.DIMENSION)
              || (!operator.windowed() && !window.equals(Window.LIFETIME));
      if (wrong) {
        throw new IllegalArgumentException("not what " + operator + " is taken of");
      }
    }

    private String subject() {
      if (measure != null) {
        return event.name() + "." + measure.name();
      }
      return dimension != null ? event.name() + "." + dimension.name() : event.name();
    }

    @Override
    public String meaning() {
      String over = window.equals(Window.LIFETIME) ? " over the lifetime" : " over " + window;
      return switch (operator) {
        case COUNT, SUM, MEAN, MIN, MAX -> operator.key() + " of " + subject() + over;
        case ACTIVE_DAYS -> "days with " + subject() + over;
        case DISTINCT -> "distinct values of " + subject() + over;
        case RECENCY -> "days since the last " + subject();
        case TENURE -> "days since the first " + subject();
        case GAP_MEAN -> "mean days between days with " + subject();
        case GAP_STD -> "standard deviation of the days between days with " + subject();
        case GAP_MAX -> "most days between days with " + subject();
        case LAST -> subject() + " of the last " + event.name();
      };
    }

    @Override
    public String canonical() {
      String of = event.name();
      if (measure != null) {
        of += "." + measure.canonical();
      }
      if (dimension != null) {
        of += "." + dimension.canonical();
      }
      return operator.key() + "(" + of + "," + window + ")";
    }
  }

  /** One feature divided by another; missing where one of them is, or the divisor is zero. */
  record Ratio(Feature dividend, Feature divisor) implements Formula {
    public Ratio {
      if (dividend.formula() instanceof Ratio || divisor.formula() instanceof Ratio) {
        throw new IllegalArgumentException("a ratio of a ratio");
      }
      if (dividend.formula() instanceof Pushed || divisor.formula() instanceof Pushed) {
        throw new IllegalArgumentException("a ratio of a pushed feature");
      }
    }

    @Override
    public String meaning() {
      return dividend.name() + " / " + divisor.name();
    }

    @Override
    public String canonical() {
      return "ratio(" + dividend.formula().canonical() + "," + divisor.formula().canonical() + ")";
    }
  }

  /**
   * A value that another system writes.
   *
   * @param element its place in the field, 0 but for an embedding
   */
  record Pushed(FeatureGroup group, GroupField field, int element) implements Formula {
    private static final int WORDS_SHOWN = 8;

    @Override
    public String meaning() {
      String value = group.name() + "." + field.name() + ", as last written";
      return switch (field.type()) {
        case FieldType.Numeric _ -> value;
        case FieldType.Label label -> value + ": its place among " + words(label.vocabulary());
        case FieldType.Embedding _ -> "element " + element + " of " + value;
      };
    }

    private static String words(List<String> vocabulary) {
      String first = vocabulary.stream().limit(WORDS_SHOWN).collect(Collectors.joining(", "));
      return vocabulary.size() > WORDS_SHOWN ? first + ", …" : first;
    }

    @Override
    public String canonical() {
      return "pushed(" + group.name() + "," + field.canonical() + "," + element + ")";
    }
  }

  /** What it is, in words. */
  String meaning();

  /** What it is, as the text that fingerprints are taken of; free of the names of features. */
  String canonical();
}
