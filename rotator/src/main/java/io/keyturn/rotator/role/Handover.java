package io.keyturn.rotator.role;

import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.role.Belongings.Belonging;
import io.keyturn.rotator.role.Belongings.Executor;
import io.keyturn.rotator.role.Belongings.Kind;
import io.keyturn.rotator.role.Belongings.Scope;
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
 * Hands over what the twin has in one database, many belongings in one transaction, and where one
 * of them is refused, fewer, down to that one alone.
 *
 * <p>The admin builds each statement from the catalogs, and before a transaction is committed it
 * must have had its effect on the very object that it was built for. So a name that somebody gives
 * to another object meanwhile brings nobody anything.
 */
final class Handover implements AutoCloseable {
  private static final int BATCH = 100;

  /** A wait for one of many locks, while those before it are held. */
  private static final Duration WAIT_AMONG_OTHERS = Duration.ofMillis(5);

  /** A wait for the only lock: so long may others have to wait behind it. */
  private static final Duration WAIT_ALONE = Duration.ofMillis(200);

  /** PostgreSQL's own warning where a GRANT does nothing. */
  private static final String PRIVILEGE_NOT_GRANTED = "01007";

  private final Session admin;
  private final Login twinLogin;
  private final UserNames names;
  private final Invocation invocation;
  private final String database;
  private final boolean shared;
  private Session twin;
  private boolean twinIsRefused;

  /** Logs in as the twin, where it is needed. */
  @FunctionalInterface
  interface Login {
    Session open() throws SQLException;
  }

  /**
   * @param shared whether what is in no database is handed over too
   */
  Handover(
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

  /** What the twin has of this kind. */
  List<Belonging> left(Kind kind) throws SQLException {
    List<Belonging> left = new ArrayList<>();
    admin.transaction(() -> left.addAll(kind.read(admin, names, new Scope(shared, null))));
    return left;
  }

  /** What one role may do in this database and another may not. */
  List<String> lacking(String role, String other) throws SQLException {
    List<String> lacking = new ArrayList<>();
    admin.transaction(() -> lacking.addAll(Privileges.lacking(admin, role, other)));
    return lacking;
  }

  /**
   * Gives the base what it lacks, and takes all from the twin, or leaves both as they are.
   *
   * @param end when no more of them are tried
   * @return those that somebody else has locked
   */
  List<Belonging> handOver(Kind kind, List<Belonging> belongings, Deadline end)
      throws SQLException {
    List<Belonging> locked = new ArrayList<>();
    run(new Attempt(kind, true, end, locked), belongings);
    return locked;
  }

  /** Gives the base what it lacks, and leaves it to the twin too. */
  void give(Kind kind, List<Belonging> belongings) throws SQLException {
    run(
        new Attempt(kind, false, invocation.deadline(), new ArrayList<>()),
        belongings.stream().filter(belonging -> belonging.give() != null).toList());
  }

  /**
   * How belongings of one kind are handed over.
   *
   * @param takes whether the twin has nothing of them afterwards
   * @param end when no more of them are tried
   * @param locked collects those that somebody else has locked
   */
  private record Attempt(Kind kind, boolean takes, Deadline end, List<Belonging> locked) {}

  private void run(Attempt attempt, List<Belonging> belongings) throws SQLException {
    for (Executor executor : Executor.values()) {
      List<Belonging> own =
          belongings.stream().filter(belonging -> belonging.executor() == executor).toList();
      Session session = own.isEmpty() ? null : session(executor);
      for (int from = 0; session != null && from < own.size(); from += BATCH) {
        run(attempt, session, own.subList(from, Math.min(from + BATCH, own.size())));
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
        invocation.debug("not handed over by \"" + names.twin() + "\" itself: " + e.getMessage());
      }
    }
    return twin;
  }

  private void run(Attempt attempt, Session session, List<Belonging> batch) throws SQLException {
    if (attempt.end().remaining().isZero()) {
      return;
    }
    String gives = sql(batch, Belonging::give);
    String takes = attempt.takes() ? sql(batch, Belonging::take) : "";
    Duration wait = batch.size() == 1 ? WAIT_ALONE : WAIT_AMONG_OTHERS;
    try {
      ConcurrentUpdates.retry(
          invocation,
          () ->
              session.transaction(
                  () -> {
                    session.execute("SET LOCAL lock_timeout TO " + wait.toMillis() + gives);
                    requireGiven(attempt, session, batch);
                    if (!takes.isEmpty()) {
                      session.execute(takes.substring(2));
                    }
                    requireTaken(attempt, session, batch);
                  }));
      invocation.info("ran in database \"%s\"%s%s".formatted(database, gives, takes));
    } catch (SQLException e) {
      requireRefusal(e);
      if (batch.size() > 1) {
        int half = batch.size() / 2;
        run(attempt, session, batch.subList(0, half));
        run(attempt, session, batch.subList(half, batch.size()));
        return;
      }
      invocation.debug("not possible here%s%s: %s".formatted(gives, takes, e.getMessage()));
      if (Session.isLockTimeout(e)) {
        attempt.locked().addAll(batch);
      }
    }
  }

  /** These statements, each after a semicolon. */
  private static String sql(List<Belonging> batch, Function<Belonging, String> statement) {
    return batch.stream()
        .map(statement)
        .filter(Objects::nonNull)
        .map("; "::concat)
        .collect(Collectors.joining());
  }

  /**
   * That the base has what was given to it, of the very objects that it was to be given.
   *
   * <p>GRANT may do nothing and succeed. And the owner of a schema may give a name in it to another
   * object meanwhile, which the base must not get.
   */
  private void requireGiven(Attempt attempt, Session session, List<Belonging> batch)
      throws SQLException {
    List<Belonging> given =
        batch.stream().filter(b -> b.give() != null && b.take() != null).toList();
    if (!given.isEmpty()) {
      Map<String, Belonging> now = read(attempt, session, given);
      if (!given.stream().map(b -> now.get(key(b))).allMatch(b -> b != null && b.give() == null)) {
        throw noEffect();
      }
    }
  }

  /** That the twin has nothing left of what was taken from it, or moved as it was given. */
  private void requireTaken(Attempt attempt, Session session, List<Belonging> batch)
      throws SQLException {
    List<Belonging> taken =
        batch.stream().filter(b -> attempt.takes() || b.take() == null).toList();
    if (!taken.isEmpty()) {
      Map<String, Belonging> now = read(attempt, session, taken);
      if (taken.stream().map(Handover::key).anyMatch(now::containsKey)) {
        throw noEffect();
      }
    }
  }

  private Map<String, Belonging> read(Attempt attempt, Session session, List<Belonging> batch)
      throws SQLException {
    String oids =
        batch.stream().map(Belonging::oid).distinct().collect(Collectors.joining(",", "{", "}"));
    Map<String, Belonging> read = new HashMap<>();
    for (Belonging belonging : attempt.kind().read(session, names, new Scope(shared, oids))) {
      // Of those with one key, what is still to be given counts.
      read.merge(key(belonging), belonging, (one, other) -> one.give() == null ? other : one);
    }
    return read;
  }

  private static SQLException noEffect() {
    return new SQLException(
        "The statement had no effect on the object that it was for", PRIVILEGE_NOT_GRANTED);
  }

  private static String key(Belonging belonging) {
    return belonging.oid() + " " + belonging.key();
  }

  /**
   * Only what the server refuses can be left: where the connection was lost, the rotation's next
   * run goes on, and finished without it, the base would lack what the twin had.
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
