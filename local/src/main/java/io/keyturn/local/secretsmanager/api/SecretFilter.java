package io.keyturn.local.secretsmanager.api;

import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.store.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One filter of ListSecrets or BatchGetSecretValue: a secret passes if it matches one of the
 * values; one that begins with an exclamation mark matches what the rest of it does not.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html">Filter</a>
 */
record SecretFilter(String key, List<String> values) implements Predicate<Secret> {
  private static final List<String> KEYS =
      List.of(
          "description", "name", "tag-key", "tag-value", "primary-region", "owning-service", "all");
  private static final Pattern VALUE = Pattern.compile("!?[a-zA-Z0-9 :_@/+=.\\-!]*");
  private static final Pattern CAPITALS = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");
  private static final Pattern WORDS = Pattern.compile("[^A-Za-z0-9]+");

  static List<SecretFilter> parse(Request request) {
    return request.structures("Filters", 0, 10).orElse(List.of()).stream()
        .map(SecretFilter::parseOne)
        .toList();
  }

  private static SecretFilter parseOne(Request filter) {
    String key = filter.required("Key", 1, 256);
    if (!KEYS.contains(key)) {
      throw ServiceException.constraint("key", "Member must satisfy enum value set: " + KEYS);
    }
    List<String> values =
        filter
            .texts("Values", 1, 10, 0, 512)
            .orElseThrow(() -> ServiceException.constraint("values", "Member must not be null"));
    for (String value : values) {
      if (!VALUE.matcher(value).matches()) {
        throw ServiceException.constraint(
            "values", "Member must satisfy regular expression pattern: " + VALUE);
      }
    }
    return new SecretFilter(key, values);
  }

  @Override
  public boolean test(Secret secret) {
    return values.stream()
        .anyMatch(
            value ->
                value.startsWith("!")
                    ? !matches(secret, value.substring(1))
                    : matches(secret, value));
  }

  private boolean matches(Secret secret, String value) {
    Map<String, String> tags = secret.tags().orElse(Map.of());
    return switch (key) {
      case "description" -> matchesWords(secret.description().stream().toList(), value);
      case "name" -> secret.name().startsWith(value);
      case "tag-key" -> tags.keySet().stream().anyMatch(text -> text.startsWith(value));
      case "tag-value" -> tags.values().stream().anyMatch(text -> text.startsWith(value));
      case "all" -> matchesWords(attributes(secret, tags), value);
      // No secret here is a replica or owned by another service.
      default -> false;
    };
  }

  private static List<String> attributes(Secret secret, Map<String, String> tags) {
    List<String> attributes = new ArrayList<>();
    attributes.add(secret.name());
    secret.description().ifPresent(attributes::add);
    attributes.addAll(tags.keySet());
    attributes.addAll(tags.values());
    return attributes;
  }

  /** Whether the value has words, and each of them begins a word of these. */
  private static boolean matchesWords(List<String> attributes, String value) {
    List<String> asked = words(value).toList();
    List<String> found =
        attributes.stream().flatMap(text -> Stream.concat(words(text), capitalized(text))).toList();
    return !asked.isEmpty()
        && asked.stream().allMatch(word -> found.stream().anyMatch(text -> text.startsWith(word)));
  }

  private static Stream<String> words(String text) {
    return WORDS.splitAsStream(lower(text)).filter(word -> !word.isEmpty());
  }

  /** The parts of words that capitals begin, as Beta in AppBeta. */
  private static Stream<String> capitalized(String text) {
    return CAPITALS.splitAsStream(text).flatMap(SecretFilter::words);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
