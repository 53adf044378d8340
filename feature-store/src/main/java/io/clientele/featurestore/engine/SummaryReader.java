package io.clientele.featurestore.engine;

import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Reads a customer's packed summary into cells: finds what holds at a moment, and in it the event
 * types that are asked for. {@link Packed} shows the form. Not thread-safe.
 */
final class SummaryReader {
  private final FeatureSelection selection;
  private final long[] cells;
  private final UntoldDays untold;
  private final CRC32C crc;
  private final PackedReader in = new PackedReader();
  private final SectionReader section;

  /**
   * @param cells where the numbers go, as {@link FeatureSelection#types} says
   * @param untold where it goes what the summary does not tell
   */
  SummaryReader(FeatureSelection selection, long[] cells, UntoldDays untold, CRC32C crc) {
    this.selection = selection;
    this.cells = cells;
    this.untold = untold;
    this.crc = crc;
    this.section = new SectionReader(in, cells, untold);
  }

  /**
   * Fills the cells.
   *
   * @param summary empty for a customer without events
   * @return the moment that they hold at: that asked for, or the state's clock if this is later
   * @throws StateException if the summary is damaged
   */
  long read(byte[] summary, long asOfMs) {
    Arrays.fill(cells, 0);
    untold.clear();
    if (summary.length == 0) {
      return asOfMs;
    }
    Packed.check(summary, Packed.SUMMARY_FORMAT, crc);
    try {
      in.open(summary, Packed.HEADER_BYTES);
      long clockMs = in.signed();
      long momentMs = Math.max(asOfMs, clockMs);
      readSections(openBody(clockMs, momentMs), Days.of(momentMs));
      return momentMs;
    } catch (IndexOutOfBoundsException e) {
      throw new StateException("state is damaged: " + e.getMessage());
    }
  }

  /** Moves to the last body that holds at a moment; returns its end. */
  private int openBody(long clockMs, long momentMs) {
    in.unsigned();
    int end = in.blockEnd();
    int start = in.position();
    in.moveTo(end);
    while (in.hasMore() && clockMs + in.unsigned() <= momentMs) {
      end = in.blockEnd();
      start = in.position();
      in.moveTo(end);
    }
    in.moveTo(start);
    return end;
  }

  private void readSections(int bodyEnd, long today) {
    while (in.position() < bodyEnd) {
      int index = selection.plan.indexOfName(in.int32());
      long fingerprint = in.int64();
      int sectionEnd = in.blockEnd();
      if (index >= 0 && selection.types[index].used) {
        if (selection.plan.reads(index, fingerprint)) {
          section.read(selection.types[index], today);
        } else {
          untold.addAll(selection.types[index]);
        }
      }
      in.moveTo(sectionEnd);
    }
  }
}
