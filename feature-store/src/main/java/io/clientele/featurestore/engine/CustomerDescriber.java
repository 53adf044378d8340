package io.clientele.featurestore.engine;

import io.clientele.featurestore.engine.CustomerDescription.EventSummary;
import io.clientele.featurestore.engine.CustomerDescription.FeatureValue;
import io.clientele.featurestore.engine.CustomerDescription.GroupSummary;
import io.clientele.featurestore.engine.CustomerDescription.Presence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Explains the row that a reader has read. */
final class CustomerDescriber {
  private final FeatureReader reader;
  private final FeatureSelection selection;
  private final Origins origins;

  private CustomerDescriber(FeatureReader reader) {
    this.reader = reader;
    this.selection = reader.selection();
    this.origins = new Origins(reader);
  }

  /** Reads a row and explains it; as {@link FeaturePlan#describe}. */
  static CustomerDescription describe(
      FeatureReader reader, byte[] summary, byte[][] groups, long asOfMs) {
    FeatureSelection selection = reader.selection();
    reader.read(
        summary,
        groups,
        asOfMs,
        ByteBuffer.allocate(selection.rowBytes()),
        0,
        ByteBuffer.allocate(selection.presenceBytes()),
        0);
    return new CustomerDescriber(reader).describe();
  }

  private CustomerDescription describe() {
    List<FeatureValue> features = new ArrayList<>();
    for (int c = 0; c < selection.size(); c++) {
      long ageMs = reader.ageMs(c);
      features.add(
          new FeatureValue(
              selection.features.get(c),
              presence(c),
              reader.value(c),
              ageMs == FeatureReader.NO_AGE ? OptionalLong.empty() : OptionalLong.of(ageMs),
              origins.of(c)));
    }
    return new CustomerDescription(reader.moment(), features, events(), groups());
  }

  private Presence presence(int column) {
    if (reader.isUnanswered(column)) {
      return Presence.UNANSWERED;
    }
    if (!reader.isPresent(column)) {
      return Presence.MISSING;
    }
    return reader.isStale(column) ? Presence.STALE : Presence.PRESENT;
  }

  private List<EventSummary> events() {
    List<EventSummary> events = new ArrayList<>();
    for (EventLayout layout : selection.plan.layouts()) {
      TypeCells type = selection.types[layout.index()];
      long count = reader.cell(TypeCells.count(type.lifetime()));
      if (count > 0) {
        events.add(
            new EventSummary(
                layout.name(), count, reader.cell(type.firstMs()), reader.cell(type.lastMs())));
      }
    }
    return events;
  }

  private List<GroupSummary> groups() {
    List<GroupSummary> groups = new ArrayList<>();
    for (int g = 0; g < selection.groups.size(); g++) {
      GroupReader group = reader.group(g);
      if (group.content() == GroupReader.Content.VALUES) {
        groups.add(
            new GroupSummary(
                group.layout().name(),
                group.timeMs(),
                group.writtenMs(),
                group.source(),
                group.isStale(reader.moment())));
      }
    }
    return groups;
  }
}
