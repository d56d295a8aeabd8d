package io.keyturn.aws;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A function's environment variables. One that cannot be understood is an error that names it: read
 * as its default, it would leave out what the operator asked for without a word.
 */
public final class Environment {
  /** What AWS's rotation templates take for true, and the words for the opposite. */
  private static final Set<String> TRUE = Set.of("true", "yes", "y", "1");

  private static final Set<String> FALSE = Set.of("false", "no", "n", "0");

  private final Map<String, String> variables;

  public Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  /** The value to the letter, which may be empty or blank. */
  public Optional<String> exactly(String name) {
    return Optional.ofNullable(variables.get(name));
  }

  /** The value without white space around it; a blank one counts as not set. */
  public Optional<String> text(String name) {
    return exactly(name).map(String::strip).filter(value -> !value.isEmpty());
  }

  /** Whether the variable says true. */
  public boolean flag(String name, boolean otherwise) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    String word = value.get().toLowerCase(Locale.ROOT);
    if (!TRUE.contains(word) && !FALSE.contains(word)) {
      throw invalid(name, value.get(), "true or false");
    }
    return TRUE.contains(word);
  }

  /** A whole number of this range. */
  public int number(String name, int otherwise, int lowest, int highest) {
    Optional<String> value = text(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value.get());
      if (number >= lowest && number <= highest) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, with the range.
    }
    throw invalid(name, value.get(), "a number from %d to %d".formatted(lowest, highest));
  }

  /** The URL of a service. */
  public Optional<URI> url(String name) {
    return text(name).map(value -> url(name, value));
  }

  private static URI url(String name, String value) {
    try {
      URI url = new URI(value);
      if (("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
          && url.getHost() != null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Told below, by the variable's name.
    }
    throw invalid(name, value, "a URL such as https://host");
  }

  private static IllegalArgumentException invalid(String name, String value, String expected) {
    return new IllegalArgumentException(
        "The environment variable %s is \"%s\", but must be %s".formatted(name, value, expected));
  }
}
