package io.keyturn.local.permissions;

import java.util.regex.Pattern;

/** Matches with the wildcards of policies, {@code *} and {@code ?}. */
final class Patterns {
  /** arn:partition:service:region:account:resource. */
  private static final int ARN_PARTS = 6;

  private Patterns() {}

  static boolean matches(String pattern, String text) {
    return regex(pattern, 0).matcher(text).matches();
  }

  static boolean matchesInAnyCase(String pattern, String text) {
    return regex(pattern, Pattern.CASE_INSENSITIVE).matcher(text).matches();
  }

  /** A wildcard matches characters within one part of an ARN, not the colons between parts. */
  static boolean matchesArn(String pattern, String arn) {
    if (!pattern.startsWith("arn:")) {
      // Such as *.
      return matches(pattern, arn);
    }
    String[] patterns = pattern.split(":", ARN_PARTS);
    String[] parts = arn.split(":", ARN_PARTS);
    if (patterns.length != parts.length) {
      return false;
    }
    for (int i = 0; i < parts.length; i++) {
      if (!matches(patterns[i], parts[i])) {
        return false;
      }
    }
    return true;
  }

  private static Pattern regex(String pattern, int flags) {
    String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
    return Pattern.compile(regex, flags | Pattern.DOTALL);
  }
}
