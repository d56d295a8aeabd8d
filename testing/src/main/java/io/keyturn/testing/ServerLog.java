package io.keyturn.testing;

import java.sql.SQLException;

/** Reads a server's log. */
@FunctionalInterface
interface ServerLog {
  /** Returns the whole log up to now. */
  String read() throws SQLException;
}
