package io.keyturn.postgres;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The text of a JSON object, in which the values of its own keys can be read, and one be replaced
 * without a change to any other character.
 *
 * <p>Of a key that stands twice the last counts, and one whose value is null counts as absent.
 */
public final class JsonObjectText {
  /** Without the parser's limits: Secrets Manager limits the size of a secret. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .build())
          .build();

  /**
   * Where a value stands in the text, from its first character to the one after its last.
   *
   * @param text null where it is an object or a list
   */
  private record Value(String text, int start, int end) {
    private static final Value NONE = new Value(null, -1, -1);
  }

  private final String json;
  private final Map<String, Value> values;

  private JsonObjectText(String json, Map<String, Value> values) {
    this.json = json;
    this.values = values;
  }

  /**
   * Reads a text.
   *
   * @param refusal makes the exception for a text that is no JSON object, of the problem, which
   *     never quotes the text: a parser's own message does, and it may be a password
   */
  public static JsonObjectText read(String json, Function<String, RuntimeException> refusal) {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw refusal.apply("it begins with something else than {");
      }
      Map<String, Value> values = new HashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        JsonToken token = parser.nextToken();
        if (token == JsonToken.VALUE_NULL) {
          values.remove(key);
        } else {
          values.put(key, value(parser, token));
        }
      }
      if (parser.nextToken() != null) {
        throw refusal.apply("something follows the closing }");
      }
      return new JsonObjectText(json, values);
    } catch (JsonProcessingException e) {
      throw refusal.apply(
          "it cannot be read at line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr());
    } catch (IOException e) {
      throw new UncheckedIOException("A text in memory could not be read", e);
    }
  }

  private static Value value(JsonParser parser, JsonToken token) throws IOException {
    int start = (int) parser.currentTokenLocation().getCharOffset();
    if (token.isStructStart()) {
      parser.skipChildren();
      return new Value(null, start, (int) parser.currentLocation().getCharOffset());
    }
    String text = parser.getText();
    // A text is read up to its closing quote only when asked for, so its end is known only now.
    int end =
        token == JsonToken.VALUE_STRING
            ? (int) parser.currentLocation().getCharOffset()
            : start + text.length();
    return new Value(text, start, end);
  }

  /** Whether the key has a value, be it an object or a list. */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /** The text of a key's value, if that is a text, a number, true or false. */
  public Optional<String> text(String key) {
    return Optional.ofNullable(values.get(key)).map(Value::text);
  }

  /** The keys whose values are not written in both objects to the letter, in their order. */
  public SortedSet<String> keysThatDiffer(JsonObjectText other) {
    SortedSet<String> keys = new TreeSet<>(values.keySet());
    keys.addAll(other.values.keySet());
    keys.removeIf(key -> has(key) && other.has(key) && written(key).equals(other.written(key)));
    return keys;
  }

  private String written(String key) {
    Value value = values.get(key);
    return json.substring(value.start(), value.end());
  }

  /** The same object, in which this key has this text. */
  public JsonObjectText with(String key, String text) {
    return withLiteral(key, quote(text));
  }

  /** The same object, in which this key has this number. */
  public JsonObjectText withNumber(String key, int number) {
    return withLiteral(key, String.valueOf(number));
  }

  private JsonObjectText withLiteral(String key, String literal) {
    Value old = values.getOrDefault(key, Value.NONE);
    String changed;
    if (old.text() != null) {
      changed = json.substring(0, old.start()) + literal + json.substring(old.end());
    } else {
      // Last, so that it counts even where the key is there already.
      String before = json.substring(0, json.lastIndexOf('}'));
      String comma = before.stripTrailing().endsWith("{") ? "" : ",";
      changed = before + comma + quote(key) + ':' + literal + '}';
    }
    return read(changed, IllegalStateException::new);
  }

  private static String quote(String text) {
    return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  /** The text itself. */
  public String json() {
    return json;
  }
}
