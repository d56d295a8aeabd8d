package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.role.Session;
import java.sql.SQLException;
import java.util.function.Predicate;

/** Decides which user the next credential is for, and makes the database accept it. */
interface Strategy {
  /** What it is called in a check's report. */
  String name();

  /**
   * Finds out what would stop {@link #set}, and changes nothing.
   *
   * @return tells whether a version of the secret logs in; null if the server cannot be asked
   */
  Predicate<DatabaseSecret> check(
      Invocation invocation, DatabaseSecret current, CheckReport report);

  /** The user that the pending version is for. */
  String nextUsername(DatabaseSecret current);

  /** Makes the pending login work without changing any other. */
  void set(Invocation invocation, DatabaseSecret current);

  /** Opens a session with the pending login, as soon as the database accepts it. */
  Session openPending(Invocation invocation, DatabaseSecret pending) throws SQLException;

  /** Proves that a session of the pending login can do what one of the current login can. */
  void requireEqualToCurrent(Invocation invocation, DatabaseSecret pending, Session session)
      throws SQLException;
}
