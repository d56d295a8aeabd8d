package io.keyturn.rotator;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Random;

/** Names and passwords that are meant to break out of their quotes, or to be taken for others. */
public final class HostileTexts {
  /** Names that are keywords, or that PostgreSQL keeps to itself unless they are quoted. */
  private static final List<String> NAMES =
      List.of(
          "current_user",
          "session_user",
          "user",
          "all",
          "default",
          "null",
          "CURRENT_ROLE",
          "None",
          "PUBLIC",
          "replication",
          "sameuser",
          "+group",
          "@file",
          "select",
          "1",
          "-",
          " ",
          "app ",
          "app_clone_",
          "ROLE");

  private static final List<String> PARTS =
      List.of(
          "\"",
          "'",
          "''",
          "\\",
          "\\'",
          "$",
          "$$",
          "$1",
          "?",
          ":a",
          ";",
          "--",
          "/*",
          "*/",
          "\n",
          "\r\n",
          "\t",
          " ",
          ",",
          "=",
          "%",
          "%s",
          "&",
          "+",
          "#",
          "@",
          "/",
          "A",
          "z",
          "0",
          "\u00e9",
          "e\u0301",
          "\u0130",
          "\u65e5\u672c",
          "\ud83d\udd11",
          "\ufeff",
          "\u200b",
          "\u202e",
          "\u0085",
          "\u007f",
          "\u0001",
          "\"; DROP TABLE x; --",
          "'; ALTER ROLE ",
          "_clone");

  /** What SASLprep maps to something else, removes or forbids. */
  private static final List<String> SASLPREP =
      List.of(
          "\u00a0",
          "\u00ad",
          "\u00aa",
          "\u2168",
          "\u1680",
          "\u3000",
          "\u200d",
          "\ufb01",
          "\u0627",
          "\u0661",
          "\ue000",
          "\ufffd",
          "\u0221",
          "\ud800\udc00",
          "\u2028",
          "\u0340");

  private HostileTexts() {}

  /** A name of at most this many bytes. */
  public static String name(Random random, int maxBytes) {
    if (random.nextInt(5) == 0) {
      return pick(NAMES, random);
    }
    String name = join(PARTS, 20, random);
    while (random.nextInt(4) == 0 && bytes(name) < maxBytes) {
      name += "x".repeat(maxBytes - bytes(name));
    }
    while (bytes(name) > maxBytes) {
      name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
    }
    return name;
  }

  public static String password(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> pick(List.of(" ", "null", "0", "md5", "\u00a0"), random);
      case 1 -> "SCRAM-SHA-256$4096:" + join(PARTS, 3, random);
      case 2 -> "md5" + "0123456789abcdef".repeat(2);
      case 3 -> join(PARTS, 9, random).repeat(500);
      case 4 -> join(SASLPREP, 6, random);
      case 5 -> join(SASLPREP, 3, random) + join(PARTS, 3, random) + "\0";
      default -> join(PARTS, 12, random);
    };
  }

  private static int bytes(String text) {
    return text.getBytes(UTF_8).length;
  }

  private static String join(List<String> parts, int most, Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 1 + random.nextInt(most); i > 0; i--) {
      text.append(pick(parts, random));
    }
    return text.toString();
  }

  private static String pick(List<String> choices, Random random) {
    return choices.get(random.nextInt(choices.size()));
  }
}
