package io.clientele.featurestore.catalog;

/**
 * What training labels are made of.
 *
 * @param event the events whose absence is churn
 * @param measure the measure of theirs that is spend
 */
public record Label(EventType event, Measure measure) {}
