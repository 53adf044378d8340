package io.clientele.featurestore.engine;

/**
 * The days between active days, taken from the earliest day on. Immutable.
 *
 * @param days how many active days
 * @param lastDay the last of them, 0 if there is none
 * @param squares the sum of the squared gaps
 * @param greatest the greatest gap, 0 below two days
 */
record Gaps(long days, long lastDay, long squares, long greatest) {
  static final Gaps NONE = new Gaps(0, 0, 0, 0);

  static Gaps read(PackedReader in) {
    long days = in.unsigned();
    return days == 0 ? NONE : new Gaps(days, in.signed(), in.unsigned(), in.unsigned());
  }

  void write(PackedWriter out) {
    out.unsigned(days);
    if (days > 0) {
      out.signed(lastDay);
      out.unsigned(squares);
      out.unsigned(greatest);
    }
  }

  /** These and a later day. */
  Gaps then(long day) {
    if (days == 0) {
      return new Gaps(1, day, 0, 0);
    }
    long gap = day - lastDay;
    return new Gaps(days + 1, day, squares + gap * gap, Math.max(greatest, gap));
  }
}
