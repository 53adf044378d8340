package io.clientele.featurestore.catalog;

/**
 * Labels that an event of a type may carry, any number of them.
 *
 * @param name unique within the event type
 * @param maxValues how many different labels are told apart for one customer; a distinct count
 *     stops there
 */
public record Dimension(String name, int maxValues) {
  static final int MAX_MAX_VALUES = 1_024;

  String canonical() {
    return name + ":" + maxValues;
  }
}
