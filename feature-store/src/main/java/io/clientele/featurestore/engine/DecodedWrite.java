package io.clientele.featurestore.engine;

/** What a {@link GroupDecoder} makes of a caller's write: one that can be folded, or why not. */
public sealed interface DecodedWrite permits GroupWrite, Refusal {}
