package io.clientele.featurestore.catalog;

import java.util.Locale;

/** How a feature follows from the events of one type. */
public enum Operator {
  /** How many events. */
  COUNT(Subject.EVENT, true),
  /** On how many different UTC days there was an event. */
  ACTIVE_DAYS(Subject.EVENT, true),
  /** The sum of a measure. */
  SUM(Subject.MEASURE, true),
  /** The mean of a measure; missing without an event. */
  MEAN(Subject.MEASURE, true),
  /** The least value of a measure; missing without an event. */
  MIN(Subject.MEASURE, true),
  /** The greatest value of a measure; missing without an event. */
  MAX(Subject.MEASURE, true),
  /** How many different labels of a dimension, up to the dimension's {@code max_values}. */
  DISTINCT(Subject.DIMENSION, true),
  /** Days since the last event, with fractions; missing without one. */
  RECENCY(Subject.EVENT, false),
  /** Days since the first event, with fractions; missing without one. */
  TENURE(Subject.EVENT, false),
  /** The mean of the days between one active day and the next; missing below two active days. */
  GAP_MEAN(Subject.EVENT, false),
  /** The population standard deviation of the same; missing below two active days. */
  GAP_STD(Subject.EVENT, false),
  /** The greatest of the same; missing below two active days. */
  GAP_MAX(Subject.EVENT, false),
  /** A measure of the last event, by time and then id; missing without an event. */
  LAST(Subject.MEASURE, false);

  /** What an operator is applied to. */
  public enum Subject {
    EVENT,
    MEASURE,
    DIMENSION
  }

  private final Subject subject;
  private final boolean windowed;

  Operator(Subject subject, boolean windowed) {
    this.subject = subject;
    this.windowed = windowed;
  }

  public Subject subject() {
    return subject;
  }

  /** Whether it is taken over a window; the others are always over the lifetime. */
  public boolean windowed() {
    return windowed;
  }

  /** Its name in a catalog. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
