package io.keyturn.local.secretsmanager.api;

import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tags of requests, and the rules for them.
 *
 * @see <a href="https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html">Tag naming
 *     limits and requirements</a>
 */
final class Tags {
  private static final int MAX = 50;

  private Tags() {}

  static Optional<Map<String, String>> parse(Request request) {
    return request.structures("Tags", 0, Integer.MAX_VALUE).map(Tags::parse);
  }

  private static Map<String, String> parse(List<Request> list) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (Request tag : list) {
      String key = tag.required("Key", 1, 128);
      if (key.toLowerCase(Locale.ROOT).startsWith("aws:")) {
        throw ServiceException.invalidParameter(
            "Tag keys that begin with aws: are reserved for AWS; choose another one than %s."
                .formatted(key));
      }
      if (tags.put(key, tag.text("Value", 0, 256).orElse("")) != null) {
        throw ServiceException.invalidParameter(
            "The tag key " + key + " occurs more than once in the request.");
      }
    }
    return tags;
  }

  static void checkCount(Map<String, String> before, Map<String, String> added) {
    Set<String> keys = new HashSet<>(before.keySet());
    keys.addAll(added.keySet());
    if (keys.size() > MAX) {
      throw ServiceException.invalidParameter("A secret can have up to " + MAX + " tags.");
    }
  }
}
