package io.clientele.featurestore.engine;

/** What an {@link EventDecoder} makes of a caller's event: one that can be folded, or why not. */
public sealed interface Decoded permits Event, Refusal {}
