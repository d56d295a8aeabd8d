package io.keyturn.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The JSON of a database secret as anyone might write it, cut where its password stands.
 *
 * @param beforePassword up to the value of the last key "password"
 * @param passwordJson that value, as it stands there
 * @param password what it means
 * @param afterPassword from the value's end
 */
record SecretJson(
    String beforePassword, String passwordJson, String password, String afterPassword) {
  private static final List<String> HOSTILE =
      List.of(
          "\"",
          "\\",
          "{",
          "}",
          "[",
          ",",
          ":",
          "/",
          "'",
          "\n",
          "\t",
          "\0",
          "\u001f",
          "\\u0022",
          "\\\"",
          "\u007f",
          "\u00e9",
          "\u2028",
          "\ud83d\udd11",
          "\uffff",
          "\ufeff",
          "password");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-0",
          "1.50",
          "1E5",
          "1e-400",
          "12345678901234567890.123456789",
          "-9223372036854775809",
          "9".repeat(3000));

  private record Member(String keyJson, String valueJson) {}

  String json() {
    return beforePassword + passwordJson + afterPassword;
  }

  /** A valid secret, with other keys between those that count, and some that stand twice. */
  static SecretJson valid(Random random) {
    boolean number = random.nextInt(10) == 0;
    String password = number ? pick(NUMBERS, random) : text(random);
    String passwordJson = number ? password : spell(password, random);
    Member passwordMember = new Member(spell("password", random), passwordJson);
    List<Member> members = new ArrayList<>();
    members.add(passwordMember);
    members.add(new Member(spell("username", random), spell(name(random), random)));
    members.add(new Member(spell("host", random), "\"db.example\""));
    for (int i = random.nextInt(6); i > 0; i--) {
      members.add(new Member(spell("other " + text(random), random), value(3, random)));
    }
    Collections.shuffle(members, random);
    for (int i = random.nextInt(3); i > 0; i--) {
      // Of a key that stands twice the last counts.
      String key = pick(List.of("host", "username", "password"), random);
      members.add(0, new Member(spell(key, random), value(3, random)));
    }
    StringBuilder text = new StringBuilder(space(random)).append('{');
    int start = 0;
    for (int i = 0; i < members.size(); i++) {
      Member member = members.get(i);
      text.append(i == 0 ? "" : ",").append(space(random)).append(member.keyJson());
      text.append(space(random)).append(':').append(space(random));
      if (member.equals(passwordMember)) {
        start = text.length();
      }
      text.append(member.valueJson()).append(space(random));
    }
    text.append('}').append(space(random));
    return new SecretJson(
        text.substring(0, start),
        passwordJson,
        password,
        text.substring(start + passwordJson.length()));
  }

  /** A text of any characters: quotes, escapes, control characters, whole surrogate pairs. */
  static String text(Random random) {
    StringBuilder text = new StringBuilder();
    do {
      switch (random.nextInt(3)) {
        case 0 -> text.append(pick(HOSTILE, random));
        case 1 -> text.append((char) random.nextInt(128));
        default -> {
          int c = random.nextInt(Character.MAX_CODE_POINT + 1);
          text.appendCodePoint(c < 0xD800 || c > 0xDFFF ? c : 'x');
        }
      }
    } while (random.nextInt(8) > 0);
    return text.toString();
  }

  /** What PostgreSQL may call a role or a database. */
  static String name(Random random) {
    String name = text(random).replace('\0', '0');
    return name.getBytes(UTF_8).length <= DatabaseSecret.MAX_NAME_BYTES ? name : name(random);
  }

  private static String value(int depth, Random random) {
    return switch (random.nextInt(depth == 0 ? 3 : 5)) {
      case 0 -> spell(text(random), random);
      case 1 -> pick(NUMBERS, random);
      case 2 -> pick(List.of("true", "false", "null"), random);
      case 3 -> "[" + value(depth - 1, random) + " , " + value(depth - 1, random) + "]";
      default ->
          "{"
              + spell(text(random), random)
              + ":"
              + value(depth - 1, random)
              + ",\"password\":\"\"}";
    };
  }

  private static String space(Random random) {
    return pick(List.of("", "", " ", "\t", "\r\n", "\n  "), random);
  }

  private static String pick(List<String> choices, Random random) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** This text in quotes, each of its characters in one of the ways that JSON has to write it. */
  private static String spell(String text, Random random) {
    StringBuilder json = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              int shortest = "\b\f\n\r\t\"\\/".indexOf(c);
              if (random.nextInt(6) == 0) {
                for (char half : Character.toChars(c)) {
                  json.append("\\u%04x".formatted((int) half));
                }
              } else if (shortest >= 0 && (c != '/' || random.nextBoolean())) {
                json.append('\\').append("bfnrt\"\\/".charAt(shortest));
              } else if (c < ' ') {
                json.append("\\u%04X".formatted(c));
              } else {
                json.appendCodePoint(c);
              }
            });
    return json.append('"').toString();
  }
}
