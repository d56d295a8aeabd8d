package io.keyturn.consumer;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.consumer.QueryException.StatementTimeoutException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** The Lambda function that answers SQL in the shapes of the RDS Data API's ExecuteStatement. */
public final class QueryHandler implements RequestStreamHandler {
  /**
   * query_canceled, which is how PostgreSQL ends a statement that took too long.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
   *     codes</a>
   */
  private static final String QUERY_CANCELED = "57014";

  private final Settings settings;
  private final DatabaseConnection database;

  /** As Lambda makes it. */
  public QueryHandler() {
    this(System.getenv());
  }

  QueryHandler(Map<String, String> environment) {
    this(
        Settings.of(environment),
        SecretsManagerClient.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder().connectionTimeout(Duration.ofSeconds(2)))
            .overrideConfiguration(
                c ->
                    c.apiCallAttemptTimeout(Duration.ofSeconds(5))
                        .apiCallTimeout(Duration.ofSeconds(15)))
            .build());
  }

  QueryHandler(Settings settings, SecretsManagerClient client) {
    this.settings = settings;
    database = new DatabaseConnection(settings, client);
  }

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context)
      throws IOException {
    QueryRequest request = QueryRequest.read(input);
    Consumer<String> warn = message -> context.getLogger().log(message, LogLevel.WARN);
    Connection connection = database.get(warn);
    try {
      execute(connection, request, output);
      if (isInTransaction(connection)) {
        throw new BadRequestException(
            "The SQL began a transaction and did not end it, so it was rolled back; every request is a transaction of"
                + " its own");
      }
    } catch (SQLException e) {
      if (isConnectionLost(e)) {
        database.discard(warn);
      }
      throw failure(e);
    } finally {
      // The next request would run in it, and be rolled back with it.
      if (isInTransaction(connection)) {
        database.discard(warn);
      }
    }
  }

  private static boolean isInTransaction(Connection connection) {
    return connection instanceof BaseConnection open
        && open.getTransactionState() != TransactionState.IDLE;
  }

  private void execute(Connection connection, QueryRequest request, OutputStream output)
      throws SQLException, IOException {
    connection.setAutoCommit(false);
    try {
      new DataApi(settings).execute(connection, request, output);
      connection.commit();
    } finally {
      if (isInTransaction(connection)) {
        connection.rollback();
      }
      connection.setAutoCommit(true);
    }
  }

  /** Class 08 is a lost connection, 57P01 to 57P03 a server that is going down. */
  private static boolean isConnectionLost(SQLException e) {
    String state = e.getSQLState();
    return state == null || state.startsWith("08") || state.startsWith("57P");
  }

  private QueryException failure(SQLException e) {
    String message = e.getMessage() + " (SQLSTATE " + e.getSQLState() + ")";
    if (QUERY_CANCELED.equals(e.getSQLState())) {
      return new StatementTimeoutException(
          message
              + "; the limit is "
              + settings.statementTimeout().toSeconds()
              + " s (STATEMENT_TIMEOUT_SECONDS)",
          e);
    }
    return new DatabaseErrorException(message, e);
  }
}
