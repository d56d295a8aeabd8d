package io.keyturn.postgres;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

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
 * <p>A change replaces one value in the text. Everything else stays as it was written: unknown
 * keys, their order, numbers of any size, white space.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html">the
 *     structure of database secrets</a>
 */
public final class DatabaseSecret {
  public static final int DEFAULT_PORT = 5432;
  public static final String DEFAULT_DATABASE = "postgres";

  /**
   * PostgreSQL's NAMEDATALEN less one. It would truncate a longer name, perhaps to that of another
   * user.
   */
  public static final int MAX_NAME_BYTES = 63;

  private static final Set<String> ENGINES = Set.of("postgres", "aurora-postgresql");

  private static final String PUT = "Put a secret value that has it";

  /** Of a secret whose first rotation is still to come. */
  private static final String SET_TAG =
      "Set the secret's tag keyturn:host, and rotate: the rotator writes it into the next version";

  private final JsonObjectText values;
  private final String description;
  private final String host;
  private final int port;
  private final String username;
  private final String database;

  private DatabaseSecret(JsonObjectText values, String description) {
    this.values = values;
    this.description = description;
    host = required("host", values.text("connection").equals(Optional.of("tags")) ? SET_TAG : PUT);
    username = required("username");
    required("password");
    port = readPort();
    database = databaseName().orElse(DEFAULT_DATABASE);
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
    if (json == null) {
      throw new InvalidSecretException(
          description, "it has no SecretString", "A database secret is JSON text, not binary");
    }
    return new DatabaseSecret(
        JsonObjectText.read(
            json,
            problem ->
                new InvalidSecretException(
                    description,
                    "the secret is not a JSON object: " + problem,
                    "Keyturn needs at least {\"host\":…,\"username\":…,\"password\":…}")),
        description);
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
    return required("password");
  }

  public String database() {
    return database;
  }

  /** Whether the secret has a {@code dbname}. */
  public boolean namesDatabase() {
    return databaseName().isPresent();
  }

  public Tls tls() {
    return Tls.of(values.text("ssl").orElse(null));
  }

  /** The secret of the admin that rotates this one ({@code masterarn}), if it names one. */
  public Optional<String> adminSecretId() {
    return values.text("masterarn").filter(id -> !id.isBlank());
  }

  /** The keys, except for user name and password, that have other values in the other secret. */
  public SortedSet<String> keysThatDiffer(DatabaseSecret other) {
    SortedSet<String> keys = values.keysThatDiffer(other.values);
    keys.removeAll(Set.of("username", "password"));
    return keys;
  }

  /** Returns the same secret with another password. */
  public DatabaseSecret withPassword(String password) {
    return with("password", password);
  }

  /** Returns the same secret for another user. */
  public DatabaseSecret withUsername(String username) {
    return with("username", username);
  }

  /** The same server and database for another login, which messages call by this description. */
  public DatabaseSecret loginAs(String username, String password, String description) {
    return parse(withUsername(username).withPassword(password).toJson(), description);
  }

  /** Returns the same login at another server, such as a replica. */
  public DatabaseSecret atServer(String host, int port) {
    return with("host", host).with("port", String.valueOf(port));
  }

  /** Returns the same login to another database of the server. */
  public DatabaseSecret inDatabase(String database) {
    return with("dbname", database);
  }

  private DatabaseSecret with(String key, String text) {
    return new DatabaseSecret(values.with(key, text), description);
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

  /** Returns the secret's text, including the password. */
  public String toJson() {
    return values.json();
  }

  /** Returns which secret and version this is, and nothing of its content. */
  @Override
  public String toString() {
    return description;
  }

  private String required(String key) {
    return required(key, PUT);
  }

  private String required(String key, String remedy) {
    return values
        .text(key)
        .filter(value -> !value.isEmpty())
        .orElseThrow(() -> invalid("key \"" + key + "\" is missing, empty or not a text", remedy));
  }

  private Optional<String> databaseName() {
    return values.text("dbname").filter(name -> !name.isEmpty());
  }

  private int readPort() {
    String port = values.text("port").orElse(String.valueOf(DEFAULT_PORT)).strip();
    try {
      int number = Integer.parseInt(port);
      if (number >= 1 && number <= 65535) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below with the name of the secret.
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
}
