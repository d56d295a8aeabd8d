package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Makes random passwords.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html">GetRandomPassword</a>
 */
final class RandomPassword {
  private static final String LOWERCASE = "abcdefghijklmnopqrstuvwxyz";
  private static final String UPPERCASE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final String NUMBERS = "0123456789";
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  private static final int DEFAULT_LENGTH = 32;
  private static final int MAX_LENGTH = 4096;

  private final SecureRandom random = new SecureRandom();

  void addTo(Map<String, Operation> operations) {
    operations.put("GetRandomPassword", this::get);
  }

  private ObjectNode get(Request request) {
    int length = (int) request.number("PasswordLength", 1, MAX_LENGTH).orElse(DEFAULT_LENGTH);
    String excluded = request.text("ExcludeCharacters", 0, MAX_LENGTH).orElse("");
    boolean eachType = request.flag("RequireEachIncludedType", true);
    List<String> types = new ArrayList<>();
    addType(types, LOWERCASE, request.flag("ExcludeLowercase", false), excluded);
    addType(types, UPPERCASE, request.flag("ExcludeUppercase", false), excluded);
    addType(types, NUMBERS, request.flag("ExcludeNumbers", false), excluded);
    addType(types, PUNCTUATION, request.flag("ExcludePunctuation", false), excluded);
    // A space may be in the password; no type requires one.
    String space = request.flag("IncludeSpace", false) ? without(" ", excluded) : "";
    String pool = String.join("", types) + space;
    check(types, pool, length, eachType);
    ObjectNode answer = Answers.empty();
    answer.put("RandomPassword", password(length, pool, eachType ? types : List.of()));
    return answer;
  }

  private static void addType(
      List<String> types, String characters, boolean leftOut, String excluded) {
    if (!leftOut) {
      types.add(without(characters, excluded));
    }
  }

  private static String without(String characters, String excluded) {
    return characters
        .chars()
        .filter(c -> excluded.indexOf(c) < 0)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static void check(List<String> types, String pool, int length, boolean eachType) {
    if (pool.isEmpty()) {
      throw ServiceException.invalidParameter("All characters have been excluded from selection.");
    }
    if (eachType && types.contains("")) {
      throw ServiceException.invalidParameter(
          "All characters of the desired type have been excluded.");
    }
    if (eachType && length < types.size()) {
      throw ServiceException.invalidParameter(
          "Password length is too short based on the required types.");
    }
  }

  private String password(int length, String pool, List<String> required) {
    List<Character> characters = new ArrayList<>();
    required.forEach(type -> characters.add(pick(type)));
    while (characters.size() < length) {
      characters.add(pick(pool));
    }
    // Otherwise the types of the first characters would be known.
    Collections.shuffle(characters, random);
    StringBuilder password = new StringBuilder();
    characters.forEach(password::append);
    return password.toString();
  }

  private char pick(String characters) {
    return characters.charAt(random.nextInt(characters.length()));
  }
}
