package io.clientele.bench.limits;

import java.util.HashMap;
import java.util.Map;

/** What helps a start. */
enum StartHelp {
  BOTH("AOT cache and warm-up", true, true),
  CACHE("AOT cache alone", true, false),
  WARM_UP("warm-up alone", false, true),
  NONE("neither", false, false);

  private final String words;
  private final boolean cache;
  private final boolean warmUp;

  StartHelp(String words, boolean cache, boolean warmUp) {
    this.words = words;
    this.cache = cache;
    this.warmUp = warmUp;
  }

  String words() {
    return words;
  }

  /** The variables that a start has with it. */
  Map<String, String> environment() {
    Map<String, String> variables = new HashMap<>();
    if (!cache) {
      variables.put("CLIENTELE_AOT_CACHE", "off");
    }
    if (!warmUp) {
      for (String service : new String[] {"GATEWAY", "FEATURE_STORE", "SCORER"}) {
        variables.put("CLIENTELE_" + service + "_WARM_UP", "0s");
      }
    }
    return variables;
  }
}
