package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.consumer.QueryRequest.Parameter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** Executes a request as the RDS Data API would, and writes the API's response. */
final class DataApi {
  private final Settings settings;

  DataApi(Settings settings) {
    this.settings = settings;
  }

  /**
   * Executes within the transaction that is open, and leaves it open.
   *
   * @param connection without autocommit
   * @return the answer
   */
  ByteArrayOutputStream execute(Connection connection, QueryRequest request, TimeLimit time)
      throws SQLException, IOException {
    requireOwnSecret(request);
    requireOwnDatabase(connection, request);
    boolean standardConformingStrings =
        connection.unwrap(BaseConnection.class).getStandardConformingStrings();
    SqlStatement sql =
        SqlStatement.parse(request.sql(), standardConformingStrings, request.parameterNames());
    if (!settings.writesAllowed()) {
      ReadOnlyCommands.require(sql);
    }
    sql.requireDriverAgrees();
    if (request.schema().isPresent()) {
      useSchema(connection, request.schema().get());
    }
    BoundedBuffer answer = new BoundedBuffer(settings.maxAnswerBytes());
    ResultJson json = new ResultJson(answer, settings.maxRows(), time);
    Optional<List<Map<String, Parameter>>> batch = request.parameterSets();
    try (PreparedStatement prepared = connection.prepareStatement(sql.jdbc())) {
      // Without auto-commit the driver takes the rows from the server as they are written.
      prepared.setFetchSize(FetchSize.FIRST);
      if (batch.isPresent()) {
        executeBatch(prepared, sql, batch.get(), time);
        json.writeBatch(batch.get().size());
      } else {
        execute(prepared, sql, request, json);
      }
    }
    return answer;
  }

  private void requireOwnSecret(QueryRequest request) {
    SecretReference own = new SecretReference(settings.secretId());
    if (!request.secretArn().map(SecretReference::new).map(own::matches).orElse(true)) {
      throw new BadRequestException(
          "\"secretArn\" must be %s, the secret in SECRET_ID, or be left out"
              .formatted(settings.secretId()));
    }
  }

  private static void requireOwnDatabase(Connection connection, QueryRequest request)
      throws SQLException {
    if (request.database().isEmpty()) {
      return;
    }
    // getCatalog would ask the server.
    String own = connection.unwrap(BaseConnection.class).getQueryExecutor().getDatabase();
    if (!request.database().get().equals(own)) {
      throw new BadRequestException(
          "\"database\" must be \"%s\", the secret's \"dbname\", or be left out".formatted(own));
    }
  }

  private static void useSchema(Connection connection, String schema) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String quoted = connection.unwrap(PGConnection.class).escapeIdentifier(schema);
      statement.execute("SET LOCAL search_path TO " + quoted);
    }
  }

  private static void execute(
      PreparedStatement prepared, SqlStatement sql, QueryRequest request, ResultJson json)
      throws SQLException, IOException {
    // A statement that the server keeps would fail once a column's type changes ("cached plan must
    // not change result type"), and its values would come in another form than the text.
    prepared.unwrap(PGStatement.class).setPrepareThreshold(0);
    ParameterBinder.bind(prepared, sql, request.parameters());
    try {
      if (prepared.execute()) {
        try (ResultSet rows = prepared.getResultSet()) {
          json.writeRows(
              rows, request.format(), request.includeResultMetadata(), sql.changesItsRows());
        }
      } else {
        json.writeUpdate(Math.max(0, prepared.getLargeUpdateCount()));
      }
      requireOpenTransaction(prepared);
    } catch (SQLException e) {
      throw ServerError.in(sql, "", e);
    }
  }

  private static void executeBatch(
      PreparedStatement prepared,
      SqlStatement sql,
      List<Map<String, Parameter>> sets,
      TimeLimit time)
      throws SQLException {
    for (int i = 0; i < sets.size(); i++) {
      time.requireTimeLeft(i, "executions");
      String where = "parameterSets[" + i + "]: ";
      try {
        ParameterBinder.bind(prepared, sql, sets.get(i));
        if (prepared.execute()) {
          finish(prepared, time);
        }
        requireOpenTransaction(prepared);
      } catch (BadRequestException e) {
        throw new BadRequestException(where + e.getMessage(), e);
      } catch (SQLException e) {
        throw ServerError.in(sql, where, e);
      }
    }
  }

  /** The SQL must have left the transaction open in which it began. */
  private static void requireOpenTransaction(PreparedStatement executed) throws SQLException {
    if (executed.getConnection().unwrap(BaseConnection.class).getTransactionState()
        != TransactionState.OPEN) {
      throw new BadRequestException(
          "The SQL ended its transaction, or began one: every request is a transaction of its own");
    }
  }

  /** The rows are not asked for, but what makes them may have an effect. */
  private static void finish(PreparedStatement prepared, TimeLimit time) throws SQLException {
    try (ResultSet rows = prepared.getResultSet()) {
      for (int done = 0; rows.next(); done++) {
        time.requireTimeLeft(done, "rows");
      }
    }
  }
}
