package io.clientele.scorer.inference;

/**
 * How models run.
 *
 * @param intraOpThreads threads within one run of one model; 1 runs on the lane's own thread
 * @param lanes how many runs of one model go on at once
 * @param maxRows most rows in one run
 */
public record OnnxSettings(int intraOpThreads, int lanes, int maxRows) {}
