package io.keyturn.local.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Merges a function's own properties with those of the Globals section: maps are merged, lists are
 * joined, and for any other value the function's own takes precedence.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html#sam-specification-template-anatomy-globals-overrideable">Overridable
 *     globals</a>
 */
final class Globals {
  private Globals() {}

  static Object merge(Object global, Object own) {
    if (global instanceof Map<?, ?> base
        && own instanceof Map<?, ?> further
        && !Values.isFunction(base)
        && !Values.isFunction(further)) {
      Map<Object, Object> merged = new LinkedHashMap<>(base);
      further.forEach(
          (key, value) ->
              merged.put(key, merged.containsKey(key) ? merge(merged.get(key), value) : value));
      return merged;
    }
    if (global instanceof List<?> base && own instanceof List<?> further) {
      List<Object> joined = new ArrayList<>(base);
      joined.addAll(further);
      return joined;
    }
    return own;
  }
}
