package io.clientele.featurestore.feast;

/**
 * What a feature is called by a client of Feast.
 *
 * @param view the feature view
 * @param feature its name in the view
 * @param catalogName its name in the catalog
 */
record FeastName(String view, String feature, String catalogName) {
  static final String SEPARATOR = "__";

  /** As a column of an answer. */
  String column(boolean full) {
    return full ? view + SEPARATOR + feature : feature;
  }
}
