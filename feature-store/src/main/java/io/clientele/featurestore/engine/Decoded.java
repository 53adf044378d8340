package io.clientele.featurestore.engine;

/** What an {@link EventDecoder} makes of a caller's event: what can be folded, or why not. */
public sealed interface Decoded permits Event, Correction, Refusal {}
