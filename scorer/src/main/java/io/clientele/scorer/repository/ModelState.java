package io.clientele.scorer.repository;

/** How a version of a model fared when its repository was read. */
public enum ModelState {
  /** It answers. */
  SERVING,
  /** It passed its checks; a newer version serves. */
  SUPERSEDED,
  /** It failed a check and never serves. */
  REFUSED
}
