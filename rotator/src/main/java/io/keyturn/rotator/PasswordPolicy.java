package io.keyturn.rotator;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Generates passwords by the rules of Secrets Manager's GetRandomPassword, without the call and the
 * permission.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html">GetRandomPassword</a>
 */
final class PasswordPolicy {
  static final String DEFAULT_EXCLUDED = ":/@\"'\\";
  static final int MAX_LENGTH = 4096;

  enum CharacterType {
    NUMBERS("0123456789"),
    PUNCTUATION("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    UPPERCASE("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    LOWERCASE("abcdefghijklmnopqrstuvwxyz");

    private final String characters;

    CharacterType(String characters) {
      this.characters = characters;
    }

    private String without(String excluded) {
      StringBuilder left = new StringBuilder();
      characters.chars().filter(c -> excluded.indexOf(c) < 0).forEach(c -> left.append((char) c));
      return left.toString();
    }
  }

  private final int length;
  private final boolean requireEachType;

  /** The characters that may be used, one string for each type. */
  private final List<String> alphabets = new ArrayList<>();

  /**
   * @throws IllegalArgumentException if no password satisfies the rules; it names the variable to
   *     change
   */
  PasswordPolicy(int length, String excluded, Set<CharacterType> types, boolean requireEachType) {
    this.length = length;
    this.requireEachType = requireEachType;
    for (CharacterType type : types) {
      String alphabet = type.without(excluded);
      if (!alphabet.isEmpty()) {
        alphabets.add(alphabet);
      } else if (requireEachType) {
        throw new IllegalArgumentException(
            "EXCLUDE_CHARACTERS leaves no character of a type that REQUIRE_EACH_INCLUDED_TYPE requires: set EXCLUDE_%s to true as well, or REQUIRE_EACH_INCLUDED_TYPE to false"
                .formatted(type));
      }
    }
    if (alphabets.isEmpty()) {
      throw new IllegalArgumentException(
          "EXCLUDE_CHARACTERS and the other EXCLUDE_ variables leave no character for a password");
    }
    int shortest = requireEachType ? alphabets.size() : 1;
    if (length < shortest || length > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "PASSWORD_LENGTH is %d, but must be from %d to %d"
              .formatted(length, shortest, MAX_LENGTH));
    }
  }

  /** A new password. */
  String generate() {
    // Created each time: a generator in a snapshot of the function would generate the same
    // passwords in every environment that is restored from it.
    SecureRandom random = new SecureRandom();
    List<Character> characters = new ArrayList<>(length);
    if (requireEachType) {
      alphabets.forEach(alphabet -> characters.add(pick(alphabet, random)));
    }
    String all = String.join("", alphabets);
    while (characters.size() < length) {
      characters.add(pick(all, random));
    }
    Collections.shuffle(characters, random);
    StringBuilder password = new StringBuilder(length);
    characters.forEach(password::append);
    return password.toString();
  }

  private static char pick(String alphabet, SecureRandom random) {
    return alphabet.charAt(random.nextInt(alphabet.length()));
  }
}
