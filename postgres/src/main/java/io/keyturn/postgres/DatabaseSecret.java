package io.keyturn.postgres;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The JSON of a PostgreSQL secret, in the form that AWS's rotation templates and the JDBC wrapper
 * read:
 *
 * <pre>
 * {
 *   "engine":   "postgres",        required to rotate; or "aurora-postgresql"
 *   "host":     "db.example.com",  required
 *   "port":     5432,              a number or its text; 5432 if absent
 *   "username": "app",             required, at most 63 bytes
 *   "password": "...",             required
 *   "dbname":   "shop",            "postgres" if absent
 *   "ssl":      true               TLS only; false: none; absent: see TlsPolicy
 * }
 * </pre>
 *
 * <p>The text itself is kept, and a change replaces one value in it, so whatever else the secret
 * holds stays as it was written: unknown keys, their order, numbers of any size, white space.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html">the
 *     structure of database secrets</a>
 */
public final class DatabaseSecret {
  public static final int DEFAULT_PORT = 5432;
  public static final String DEFAULT_DATABASE = "postgres";

  /**
   * PostgreSQL's NAMEDATALEN less one: it would cut a longer name, and perhaps into another user's.
   */
  public static final int MAX_NAME_BYTES = 63;

  private static final Set<String> ENGINES = Set.of("postgres", "aurora-postgresql");
  private static final JsonFactory JSON = new JsonFactory();

  /** Where a value stands in the text, from its first character to the one after its last. */
  private record Value(String text, int start, int end) {}

  private final String json;
  private final String description;
  private final Map<String, Value> values;
  private final String host;
  private final int port;
  private final String username;
  private final String database;

  private DatabaseSecret(String json, String description, Map<String, Value> values) {
    this.json = json;
    this.description = description;
    this.values = values;
    host = required("host");
    username = required("username");
    required("password");
    port = readPort();
    database = text("dbname").filter(name -> !name.isEmpty()).orElse(DEFAULT_DATABASE);
    requireFits("username", username);
    requireFits("dbname", database);
    if (host.chars().anyMatch(c -> c <= ' ' || "/?#&@,\\\"'".indexOf(c) >= 0)) {
      throw invalid(
          "key \"host\" is no host name or address",
          "It must name one host, without a port or URL");
    }
  }

  /**
   * Reads a secret's text.
   *
   * @param description which secret and version this is, for error messages
   * @throws InvalidSecretException if it is not a JSON object with the keys above
   */
  public static DatabaseSecret parse(String json, String description) {
    return new DatabaseSecret(json, description, topLevel(json, description));
  }

  public String host() {
    return host;
  }

  public int port() {
    return port;
  }

  public String username() {
    return username;
  }

  public String password() {
    return values.get("password").text();
  }

  public String database() {
    return database;
  }

  public Tls tls() {
    return Tls.of(text("ssl").orElse(null));
  }

  /** The secret of the admin that rotates this one ({@code masterarn}), if it names one. */
  public Optional<String> adminSecretId() {
    return text("masterarn").filter(id -> !id.isBlank());
  }

  /** The same secret with another password. */
  public DatabaseSecret withPassword(String password) {
    return with("password", password);
  }

  /** The same secret for another user. */
  public DatabaseSecret withUsername(String username) {
    return with("username", username);
  }

  /** The same server and database for another login, which messages call by this description. */
  public DatabaseSecret loginAs(String username, String password, String description) {
    return parse(withUsername(username).withPassword(password).toJson(), description);
  }

  /** The same login to another database of the server. */
  public DatabaseSecret inDatabase(String database) {
    return with("dbname", database);
  }

  private DatabaseSecret with(String key, String text) {
    String quoted = '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    Value old = values.get(key);
    if (old == null) {
      // Last, so that it counts even where the key is there with a null.
      int end = json.lastIndexOf('}');
      return parse(json.substring(0, end) + ",\"" + key + "\":" + quoted + '}', description);
    }
    return parse(json.substring(0, old.start()) + quoted + json.substring(old.end()), description);
  }

  /** Refuses a secret that belongs to another kind of database. */
  public DatabaseSecret requirePostgresEngine() {
    String engine = required("engine");
    if (!ENGINES.contains(engine)) {
      throw invalid(
          "key \"engine\" is \"" + engine + "\"",
          "This function rotates PostgreSQL: set it to \"postgres\" or \"aurora-postgresql\"");
    }
    return this;
  }

  /** The secret's text, password and all. */
  public String toJson() {
    return json;
  }

  /** Which secret and version this is; never what it holds. */
  @Override
  public String toString() {
    return description;
  }

  private Optional<String> text(String key) {
    return Optional.ofNullable(values.get(key)).map(Value::text);
  }

  private String required(String key) {
    return text(key)
        .filter(value -> !value.isEmpty())
        .orElseThrow(
            () ->
                invalid(
                    "key \"" + key + "\" is missing, empty or not a text",
                    "Put a secret value that has it"));
  }

  private int readPort() {
    String port = text("port").orElse(String.valueOf(DEFAULT_PORT)).strip();
    try {
      int number = Integer.parseInt(port);
      if (number >= 1 && number <= 65535) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below, in words that name the secret.
    }
    throw invalid("key \"port\" is not a number from 1 to 65535", "PostgreSQL's own is 5432");
  }

  private void requireFits(String key, String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_NAME_BYTES) {
      throw invalid(
          "key \"" + key + "\" is " + bytes + " bytes long",
          "PostgreSQL's names have at most " + MAX_NAME_BYTES + " bytes");
    }
    if (name.indexOf('\0') >= 0) {
      throw invalid("key \"" + key + "\" holds a NUL character", "PostgreSQL's names cannot");
    }
  }

  private InvalidSecretException invalid(String problem, String remedy) {
    return new InvalidSecretException(description, problem, remedy);
  }

  /** The scalar values of the outermost object; of a key that stands twice, the last counts. */
  private static Map<String, Value> topLevel(String json, String description) {
    if (json == null) {
      throw new InvalidSecretException(
          description, "it has no SecretString", "A database secret is JSON text, not binary");
    }
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw notAnObject(description, "it begins with something else than {");
      }
      Map<String, Value> values = new HashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        JsonToken token = parser.nextToken();
        values.remove(key);
        if (token.isStructStart()) {
          parser.skipChildren();
        } else if (token != JsonToken.VALUE_NULL) {
          int start = (int) parser.currentTokenLocation().getCharOffset();
          String text = parser.getText();
          // A text is read up to its closing quote only when asked for, so its end is known only
          // now.
          int end =
              token == JsonToken.VALUE_STRING
                  ? (int) parser.currentLocation().getCharOffset()
                  : start + text.length();
          values.put(key, new Value(text, start, end));
        }
      }
      if (parser.nextToken() != null) {
        throw notAnObject(description, "something follows the closing }");
      }
      return values;
    } catch (JsonProcessingException e) {
      throw notAnObject(
          description,
          "it cannot be read at line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr());
    } catch (IOException e) {
      throw new UncheckedIOException("A text in memory could not be read", e);
    }
  }

  private static InvalidSecretException notAnObject(String description, String problem) {
    return new InvalidSecretException(
        description,
        "the secret is not a JSON object: " + problem,
        "Keyturn needs at least {\"host\":…,\"username\":…,\"password\":…}");
  }
}
