package io.clientele.featurestore.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Sections of packed state that this plan cannot read: of event types that its catalog does not
 * have, or defines otherwise. They are kept as they are. Not thread-safe.
 */
final class ForeignSections {
  private static final class Section {
    private final int nameId;
    private final long fingerprint;
    private final byte[] content;

    Section(int nameId, long fingerprint, byte[] content) {
      this.nameId = nameId;
      this.fingerprint = fingerprint;
      this.content = content;
    }
  }

  private final List<Section> sections = new ArrayList<>();

  void add(int nameId, long fingerprint, byte[] content) {
    sections.add(new Section(nameId, fingerprint, content));
    sections.sort(
        Comparator.<Section>comparingInt(section -> section.nameId)
            .thenComparingLong(section -> section.fingerprint));
  }

  boolean isEmpty() {
    return sections.isEmpty();
  }

  /** Drops sections by the id of their type's name. */
  void removeIf(IntPredicate nameId) {
    sections.removeIf(section -> nameId.test(section.nameId));
  }

  void write(PackedWriter out) {
    for (Section section : sections) {
      out.int32(section.nameId);
      out.int64(section.fingerprint);
      out.block(section.content);
    }
  }
}
