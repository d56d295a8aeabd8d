package io.keyturn.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A function's environment variables: those that its code reads, and those in its documentation.
 */
public final class DocumentedVariables {
  private static final Pattern NAME = Pattern.compile("`([A-Z][A-Z0-9_]+)`");

  private DocumentedVariables() {}

  /** The names that the settings ask for, in an environment that has only these variables. */
  public static Set<String> readBy(
      Consumer<Map<String, String>> settings, Map<String, String> environment) {
    Set<String> asked = new TreeSet<>();
    settings.accept(new Asked(environment, asked));
    return asked;
  }

  /** The names in the first column of the table of variables on this page of {@code docs/}. */
  public static Set<String> documentedIn(String page) throws IOException {
    String text = Files.readString(Path.of("../docs", page));
    int table = text.indexOf("\n| variable | default | meaning |\n");
    if (table < 0) {
      throw new IllegalStateException("docs/%s has no table of variables".formatted(page));
    }
    return text.substring(table + 1)
        .lines()
        .takeWhile(line -> line.startsWith("|"))
        .map(line -> line.split("\\|", -1)[1])
        .flatMap(column -> NAME.matcher(column).results().map(DocumentedVariables::name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String name(MatchResult match) {
    return match.group(1);
  }

  /** Records the keys that are read. Iterating over the map would bypass that. */
  private static final class Asked extends AbstractMap<String, String> {
    private final Map<String, String> values;
    private final Set<String> asked;

    Asked(Map<String, String> values, Set<String> asked) {
      this.values = values;
      this.asked = asked;
    }

    @Override
    public String get(Object key) {
      asked.add((String) key);
      return values.get(key);
    }

    @Override
    public String getOrDefault(Object key, String otherwise) {
      String value = get(key);
      return value == null ? otherwise : value;
    }

    @Override
    public boolean containsKey(Object key) {
      return get(key) != null;
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
      throw new UnsupportedOperationException("Settings are read by name");
    }
  }
}
