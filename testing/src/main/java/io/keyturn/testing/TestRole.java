package io.keyturn.testing;

/** A role of a {@link TestDatabase} and the password it was created with. */
public record TestRole(String name, String password) {
  /** The name as an SQL identifier. */
  public String quoted() {
    return TestPostgres.quote(name);
  }
}
