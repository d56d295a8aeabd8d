package io.keyturn.datasource;

import com.amazonaws.secretsmanager.sql.AWSSecretsManagerPostgreSQLDriver;
import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.postgres.Jdbc;
import io.keyturn.postgres.OutOfTimeException;
import io.keyturn.postgres.Pause;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.postgres.TlsPolicy;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.postgresql.PGProperty;

/**
 * Connections to PostgreSQL with a rotated credential, made by the Secrets Manager JDBC wrapper, of
 * which the last one closed is kept for the next caller.
 *
 * <pre>{@code
 * private static final DataSource SHOP = RotatingDataSource.of("shop/database");    // name or ARN
 *
 * try (Connection connection = SHOP.getConnection()) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Host, port, database, user, password and {@code ssl} come from the secret. A login that is
 * refused since a rotation is under way, or has been, finds the password that is right now; the
 * connection that was kept is proven alive before it is handed out again. A server that is starting
 * or has no connection free is waited for, up to 10 s, as is one that was reached before and is not
 * now.
 *
 * <p>A connection comes to each caller as it comes from a login. When it is closed, one message
 * ends what its caller may have left: an open transaction, settings, role, prepared statements,
 * cursors, temporary objects, locks, LISTEN, and the properties of {@link Connection}. If that
 * fails, the connection is not used again. PostgreSQL itself cannot undo two things: a library that
 * was loaded, with what it keeps in memory, and that a setting of your own, such as {@code
 * app.tenant}, is empty after its first use and no longer NULL.
 *
 * <p>Safe for use by many threads; each has a connection of its own, and one is kept. Under a pool,
 * such as HikariCP, {@link Builder#keepNone} leaves the keeping to it.
 */
public final class RotatingDataSource implements DataSource, AutoCloseable {
  /** How long a server that may come back is waited for. */
  private static final Duration SERVER_WAIT = Duration.ofSeconds(10);

  private static final System.Logger LOG = System.getLogger("io.keyturn.datasource");

  private final RotatingSecret secret;
  private final UnaryOperator<DatabaseSecret> server;
  private final TlsPolicy tls;
  private final String applicationName;
  private final boolean readOnly;
  private final boolean autoCommit;
  private final Duration answerTimeout;
  private final Consumer<String> warn;
  private final WrapperCache logins = new WrapperCache();
  private final AWSSecretsManagerPostgreSQLDriver driver =
      new AWSSecretsManagerPostgreSQLDriver(logins);
  private final KeptConnection kept;
  private final Resource snapshots = new Snapshots();
  private volatile Duration loginTimeout = Duration.ofSeconds(30);

  /** Whether the secret's server has ever answered, so that it is known to be the right one. */
  private volatile boolean reached;

  private volatile boolean closed;

  /**
   * An open connection would be in a snapshot of the function, and dead in all that start from it.
   */
  private final class Snapshots implements Resource {
    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
      kept.drop();
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
      // The next caller gets a new one.
    }
  }

  private RotatingDataSource(Builder builder) {
    secret = builder.secret;
    server = builder.server;
    tls = new TlsPolicy(builder.plaintextAllowed, builder.rootCertificates);
    applicationName = builder.applicationName;
    readOnly = builder.readOnly;
    autoCommit = builder.autoCommit;
    answerTimeout = builder.answerTimeout;
    warn = builder.warn;
    kept =
        new KeptConnection(
            builder.autoCommit, builder.maxAge, builder.validateAfter, builder.resets, warn);
    Core.getGlobalContext().register(snapshots);
  }

  /**
   * A data source with the defaults of its {@link Builder}.
   *
   * @param secretId name or ARN of the database secret
   */
  public static RotatingDataSource of(String secretId) {
    return builder(RotatingSecret.of(secretId)).build();
  }

  public static Builder builder(RotatingSecret secret) {
    return new Builder(secret);
  }

  /** How a {@link RotatingDataSource} connects. */
  public static final class Builder {
    private final RotatingSecret secret;
    private UnaryOperator<DatabaseSecret> server = UnaryOperator.identity();
    private String applicationName = "keyturn";
    private boolean readOnly;
    private boolean autoCommit = true;
    private boolean plaintextAllowed;
    private String rootCertificates;
    private Duration answerTimeout = Duration.ofSeconds(60);
    private Duration maxAge = Duration.ofMinutes(15);
    private Duration validateAfter = Duration.ZERO;
    private boolean resets = true;
    private Consumer<String> warn = message -> LOG.log(System.Logger.Level.WARNING, message);

    private Builder(RotatingSecret secret) {
      this.secret = secret;
    }

    /** Connects to this server, such as a replica, and not to the secret's. */
    public Builder server(String host, int port) {
      server = credential -> credential.atServer(host, port);
      return this;
    }

    /** What pg_stat_activity shows; "keyturn" by default. */
    public Builder applicationName(String name) {
      applicationName = name;
      return this;
    }

    /** Makes every transaction read-only. */
    public Builder readOnly() {
      readOnly = true;
      return this;
    }

    /** Hands connections out with auto-commit off, which costs no message more. */
    public Builder withoutAutoCommit() {
      autoCommit = false;
      return this;
    }

    /** Allows a server without TLS where the secret has no {@code ssl} key. */
    public Builder plaintextAllowed(boolean allowed) {
      plaintextAllowed = allowed;
      return this;
    }

    /** A PEM file of the only certificate authorities to trust; null for RDS's and the JVM's. */
    public Builder rootCertificates(String file) {
      rootCertificates = file;
      return this;
    }

    /** The longest wait for any one answer of the server; 60 s by default. */
    public Builder answerTimeout(Duration timeout) {
      answerTimeout = timeout;
      return this;
    }

    /** How long after its login a connection is still handed out again; 15 min by default. */
    public Builder maxAge(Duration age) {
      maxAge = age;
      return this;
    }

    /** Makes a new connection for each caller, for use under a pool. */
    public Builder keepNone() {
      return maxAge(Duration.ZERO);
    }

    /** Leaves it to the caller to find out that the kept connection is dead. */
    public Builder withoutValidation() {
      validateAfter = Duration.ofDays(1);
      return this;
    }

    /**
     * Leaves it to the caller to end each session as it began, for a caller that does so together
     * with its COMMIT and saves a round trip. What such a caller leaves in the session, the next
     * one finds.
     */
    public Builder withoutReset() {
      resets = false;
      return this;
    }

    /** Where warnings go; the logger io.keyturn.datasource by default. */
    public Builder warn(Consumer<String> warnings) {
      warn = warnings;
      return this;
    }

    public RotatingDataSource build() {
      return new RotatingDataSource(this);
    }
  }

  /** A connection within the login timeout, 30 s by default. */
  @Override
  public Connection getConnection() throws SQLException {
    return getConnection(Deadline.in(loginTimeout));
  }

  /**
   * The connection that was kept, if it is young enough and alive, or a new one.
   *
   * @throws SQLTimeoutException if there is no time left
   * @throws SQLException that names host, user and version; with SQLSTATE 28P01 if the server
   *     refused every version of the secret, with 08003 if the data source is closed
   */
  public Connection getConnection(Deadline deadline) throws SQLException {
    return getConnection(deadline, DatabaseSecret.DEFAULT_DATABASE);
  }

  /**
   * The connection that was kept, if it is young enough and alive, or a new one.
   *
   * @param database the database to connect to if the secret has no {@code dbname}
   * @throws SQLException as {@link #getConnection(Deadline)} does
   */
  public Connection getConnection(Deadline deadline, String database) throws SQLException {
    if (closed) {
      throw new SQLException(
          "The data source of secret %s is closed".formatted(secret.secretId()), "08003");
    }
    try {
      Connection again = kept.take(database, deadline);
      if (again != null) {
        return again;
      }
      Login login = connect(deadline, database);
      return kept.handOut(login.connection(), !login.databaseIsTheSecrets());
    } catch (OutOfTimeException e) {
      throw new SQLTimeoutException(e.getMessage(), e);
    } catch (RefusedLatelyException e) {
      throw new SQLException(e.getMessage(), "28P01", e);
    } catch (SecretUnreadableException | InvalidSecretException e) {
      throw new SQLException(e.getMessage(), e);
    }
  }

  /** Refused: users and passwords come from the secret. */
  @Override
  public Connection getConnection(String username, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException(
        "User and password come from secret %s".formatted(secret.secretId()));
  }

  private record Login(Connection connection, boolean databaseIsTheSecrets) {}

  private Login connect(Deadline deadline, String database) throws SQLException {
    Backoff pauses = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));
    Deadline end = deadline;
    boolean waiting = false;
    while (true) {
      try {
        Login login =
            secret.use(
                version -> login(version, deadline, database),
                RotatingDataSource::isRefusal,
                deadline);
        reached = true;
        return login;
      } catch (SQLException e) {
        if (!mayPass(e)) {
          throw e;
        }
        if (!waiting) {
          waiting = true;
          end = Deadline.in(deadline.atMost(SERVER_WAIT));
          warn.accept("Waiting for the server, since: %s".formatted(e.getMessage()));
        }
        Pause.of(end, pauses.next(), e);
      }
    }
  }

  private static boolean isRefusal(Exception failure) {
    return failure instanceof SQLException refusal && PostgresLogin.isRefusal(refusal);
  }

  /** A server that was never reached may not exist at all, which the caller learns at once. */
  private boolean mayPass(SQLException failure) {
    return PostgresLogin.isBusy(failure) || (reached && PostgresLogin.isLost(failure));
  }

  private Login login(SecretVersion version, Deadline deadline, String database)
      throws SQLException {
    DatabaseSecret credential =
        server.apply(DatabaseSecret.parse(version.text(), version.toString()));
    return credential.namesDatabase()
        ? new Login(open(credential, version, deadline), true)
        : new Login(open(credential.inDatabase(database), version, deadline), false);
  }

  private Connection open(DatabaseSecret database, SecretVersion version, Deadline deadline)
      throws SQLException {
    String login = logins.begin(version);
    try {
      return tls.connect(
          database,
          tlsProperties -> {
            Properties properties = Jdbc.properties(applicationName, answerTimeout, deadline);
            properties.putAll(tlsProperties);
            // The wrapper puts the secret's user and password in its place.
            PGProperty.USER.set(properties, login);
            if (readOnly) {
              PGProperty.READ_ONLY.set(properties, true);
              // The session's own default costs a message at login, and one more at each change of
              // auto-commit; without auto-commit the driver's BEGIN says it.
              PGProperty.READ_ONLY_MODE.set(properties, autoCommit ? "always" : "transaction");
            }
            return driver.connect("jdbc-secretsmanager:" + Jdbc.url(database), properties);
          },
          warn);
    } catch (SQLException e) {
      throw new SQLException(
          "No connection to %s:%d as \"%s\" with %s (SQLSTATE %s): %s"
              .formatted(
                  database.host(),
                  database.port(),
                  database.username(),
                  version,
                  e.getSQLState(),
                  e.getMessage()),
          e.getSQLState(),
          e);
    } finally {
      logins.end(login);
    }
  }

  @Override
  public int getLoginTimeout() {
    return (int) loginTimeout.toSeconds();
  }

  /** 0 stands for the default, 30 s: no login waits for ever. */
  @Override
  public void setLoginTimeout(int seconds) {
    loginTimeout = Duration.ofSeconds(seconds == 0 ? 30 : seconds);
  }

  /** Null: warnings go to {@link Builder#warn}. */
  @Override
  public PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    throw new SQLFeatureNotSupportedException("Warnings go to the builder's warn(…)");
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger("io.keyturn.datasource");
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!isWrapperFor(type)) {
      throw new SQLException("This data source is not a %s".formatted(type.getName()));
    }
    return type.cast(this);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }

  /**
   * Closes the connection that is kept, and the secret. Connections that are in use end when their
   * callers close them.
   */
  @Override
  public void close() throws SQLException {
    closed = true;
    kept.close();
    secret.close();
    DriverManager.deregisterDriver(driver);
  }
}
