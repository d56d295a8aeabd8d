package io.keyturn.e2e;

import io.keyturn.local.postgres.GivenServer;
import io.keyturn.testing.TestPostgres;

/** The tests' PostgreSQL as a local stack takes it. */
final class SharedServer {
  private SharedServer() {}

  static GivenServer get() {
    TestPostgres postgres = TestPostgres.shared();
    return new GivenServer(
        postgres.host(),
        postgres.port(),
        "postgres",
        postgres.superuserName(),
        postgres.superuserPassword());
  }
}
