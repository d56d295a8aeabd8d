package io.keyturn.rotator.role;

import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.role.TwinRights.Executor;
import io.keyturn.rotator.role.TwinRights.Kind;
import io.keyturn.rotator.role.TwinRights.Right;
import io.keyturn.rotator.role.TwinRights.Scope;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Hands over what the twin has in one database, many rights in one transaction. Where a statement
 * is refused, the batch is halved until that statement is alone.
 *
 * <p>The admin builds each statement from the catalogs. Before a transaction is committed, each
 * statement must have had its effect on the very object that it was built for, so nobody gains by
 * giving the object's name to another object meanwhile.
 */
final class DatabaseHandover implements AutoCloseable {
  /** A wait for one of many locks, while those before it are held. */
  private static final Duration WAIT_AMONG_OTHERS = Duration.ofMillis(5);

  /** A wait for the only lock, behind which other sessions may have to wait. */
  private static final Duration WAIT_ALONE = Duration.ofMillis(200);

  /** SQLSTATE of PostgreSQL's warning about a GRANT that does nothing. */
  private static final String PRIVILEGE_NOT_GRANTED = "01007";

  private final Session admin;
  private final Login twinLogin;
  private final UserNames names;
  private final Invocation invocation;
  private final String database;
  private final boolean shared;
  private Session twin;
  private boolean twinIsRefused;

  /** Logs in as the twin, if that is needed. */
  @FunctionalInterface
  interface Login {
    Session open() throws SQLException;
  }

  /**
   * @param shared whether shared objects, which are in no database, are handed over too
   */
  DatabaseHandover(
      Session admin,
      Login twinLogin,
      UserNames names,
      Invocation invocation,
      String database,
      boolean shared) {
    this.admin = admin;
    this.twinLogin = twinLogin;
    this.names = names;
    this.invocation = invocation;
    this.database = database;
    this.shared = shared;
  }

  /** The rights of this kind that the twin has. */
  List<Right> left(Kind kind) throws SQLException {
    return admin.transaction(() -> kind.read(admin, names, new Scope(shared, null)));
  }

  /** What one role may do in this database and another may not. */
  List<String> lacking(String role, String other) throws SQLException {
    return admin.transaction(() -> Privileges.lacking(admin, role, other));
  }

  /** Transactions that only the twin may finish. */
  List<String> preparedTransactions() throws SQLException {
    return admin.transaction(() -> TwinRights.preparedTransactions(admin, names));
  }

  /**
   * Gives the base what it lacks and takes the right from the twin, or leaves both as they are.
   *
   * @param end after which no more of them are tried
   * @return those whose object another session has locked
   */
  List<Right> handOver(Kind kind, List<Right> rights, Deadline end) throws SQLException {
    List<Right> locked = new ArrayList<>();
    run(new Attempt(kind, true, end, locked), rights);
    return locked;
  }

  /** Gives the base what it lacks, and takes nothing from the twin. */
  void give(Kind kind, List<Right> rights) throws SQLException {
    run(
        new Attempt(kind, false, invocation.deadline(), new ArrayList<>()),
        rights.stream().filter(right -> right.give() != null).toList());
  }

  /**
   * How rights of one kind are handed over.
   *
   * @param takes whether the rights are taken from the twin
   * @param end after which no more of them are tried
   * @param locked collects those whose object another session has locked
   */
  private record Attempt(Kind kind, boolean takes, Deadline end, List<Right> locked) {}

  private void run(Attempt attempt, List<Right> rights) throws SQLException {
    for (Executor executor : Executor.values()) {
      List<Right> own = rights.stream().filter(right -> right.executor() == executor).toList();
      Session session = own.isEmpty() ? null : session(executor);
      int batch = attempt.kind().batch();
      for (int from = 0; session != null && from < own.size(); from += batch) {
        run(attempt, session, own.subList(from, Math.min(from + batch, own.size())));
      }
    }
  }

  /** The session, or null where the twin may not log in to this database. */
  private Session session(Executor executor) throws SQLException {
    if (executor == Executor.ADMIN) {
      return admin;
    }
    if (twin == null && !twinIsRefused) {
      try {
        twin = twinLogin.open();
      } catch (SQLException e) {
        requireRefusal(e);
        twinIsRefused = true;
        invocation.debug(
            "\"%s\" could not hand over anything itself: %s"
                .formatted(names.twin(), e.getMessage()));
      }
    }
    return twin;
  }

  private void run(Attempt attempt, Session session, List<Right> batch) throws SQLException {
    if (attempt.end().remaining().isZero()) {
      return;
    }
    String gives = sql(batch, Right::give);
    String takes = attempt.takes() ? sql(batch, Right::take) : "";
    Duration wait = batch.size() == 1 ? WAIT_ALONE : WAIT_AMONG_OTHERS;
    try {
      Retry.change(invocation)
          .run(
              () ->
                  session.transaction(
                      () -> {
                        session.execute("SET LOCAL lock_timeout TO " + wait.toMillis() + gives);
                        requireGiven(attempt, session, batch);
                        if (!takes.isEmpty()) {
                          session.execute(takes.substring(2));
                        }
                        requireTaken(attempt, session, batch);
                        return true;
                      }));
      invocation.record().handedOver(attempt.takes() ? batch.size() : 0);
      invocation.info("ran in database \"%s\"%s%s".formatted(database, gives, takes));
    } catch (SQLException e) {
      requireRefusal(e);
      if (batch.size() > 1) {
        invocation.debug(
            "a batch of %d was refused in database \"%s\": %s"
                .formatted(batch.size(), database, e.getMessage()));
        int half = batch.size() / 2;
        run(attempt, session, batch.subList(0, half));
        run(attempt, session, batch.subList(half, batch.size()));
        return;
      }
      invocation.debug(
          "refused in database \"%s\"%s%s: %s".formatted(database, gives, takes, e.getMessage()));
      if (Session.isLockTimeout(e)) {
        attempt.locked().addAll(batch);
      }
    }
  }

  /** These statements, each after a semicolon. */
  private static String sql(List<Right> batch, Function<Right, String> statement) {
    return batch.stream()
        .map(statement)
        .filter(Objects::nonNull)
        .map("; "::concat)
        .collect(Collectors.joining());
  }

  /**
   * Requires that the base has what it was to be given, on the very objects.
   *
   * <p>GRANT may do nothing and succeed. And the owner of a schema may meanwhile give a name in it
   * to another object, which the base must not get.
   */
  private void requireGiven(Attempt attempt, Session session, List<Right> batch)
      throws SQLException {
    List<Right> given = batch.stream().filter(b -> b.give() != null && b.take() != null).toList();
    if (!given.isEmpty()) {
      Map<String, Right> now = read(attempt, session, given);
      if (!given.stream().map(b -> now.get(key(b))).allMatch(b -> b != null && b.give() == null)) {
        throw noEffect();
      }
    }
  }

  /** Requires that the twin has none of the rights that were taken from it or moved. */
  private void requireTaken(Attempt attempt, Session session, List<Right> batch)
      throws SQLException {
    List<Right> taken = batch.stream().filter(b -> attempt.takes() || b.take() == null).toList();
    if (!taken.isEmpty()) {
      Map<String, Right> now = read(attempt, session, taken);
      if (taken.stream().map(DatabaseHandover::key).anyMatch(now::containsKey)) {
        throw noEffect();
      }
    }
  }

  private Map<String, Right> read(Attempt attempt, Session session, List<Right> batch)
      throws SQLException {
    String oids =
        batch.stream().map(Right::oid).distinct().collect(Collectors.joining(",", "{", "}"));
    Map<String, Right> read = new HashMap<>();
    for (Right right : attempt.kind().read(session, names, new Scope(shared, oids))) {
      // Of several with one key, the one that is still to be given counts.
      read.merge(key(right), right, (one, other) -> one.give() == null ? other : one);
    }
    return read;
  }

  private static SQLException noEffect() {
    return new SQLException(
        "The statement had no effect on the object that it was built for", PRIVILEGE_NOT_GRANTED);
  }

  private static String key(Right right) {
    return right.oid() + " " + right.key();
  }

  /**
   * Rethrows a lost connection: only what the server refuses can be left. If the rotation finished
   * without the rest, the base would lack what the twin had; the next attempt hands it over.
   */
  private static void requireRefusal(SQLException failure) throws SQLException {
    if (PostgresLogin.isLost(failure) || PostgresLogin.isBusy(failure)) {
      throw failure;
    }
  }

  @Override
  public void close() throws SQLException {
    if (twin != null) {
      twin.close();
    }
  }
}
