package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import java.sql.Connection;
import java.sql.SQLException;

/** Which user the next credential is for, and how the database is made to accept it. */
interface Strategy {
  /** The user that the pending version is for. */
  String nextUsername(DatabaseSecret current);

  /** Makes the pending login work, and changes no other. */
  void set(RotationEvent event, DatabaseSecret pending, DatabaseSecret current, RotationLog log);

  /** A session with the pending login, once the database it logs in to knows of it. */
  Connection openPending(DatabaseSecret pending, RotationLog log) throws SQLException;

  /** Proves that the session can do what one with the current login can. */
  void requireParity(
      RotationEvent event, DatabaseSecret pending, Connection session, RotationLog log)
      throws SQLException;
}
