package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.role.Session;
import java.sql.SQLException;

/** Which user the next credential is for, and how the database is made to accept it. */
interface Strategy {
  /** The user that the pending version is for. */
  String nextUsername(DatabaseSecret current);

  /** Makes the pending login work, and changes no other. */
  void set(Invocation invocation, DatabaseSecret current);

  /** A session with the pending login, once the database it logs in to knows of it. */
  Session openPending(Invocation invocation, DatabaseSecret pending) throws SQLException;

  /**
   * Proves that the session, with the pending login, can do what one with the current login can.
   */
  void requireParity(Invocation invocation, DatabaseSecret pending, Session session)
      throws SQLException;
}
