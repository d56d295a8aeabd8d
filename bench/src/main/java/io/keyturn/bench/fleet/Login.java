package io.keyturn.bench.fleet;

/** A user name and its password. */
record Login(String user, String password) {
  /** Without the password. */
  @Override
  public String toString() {
    return user;
  }
}
