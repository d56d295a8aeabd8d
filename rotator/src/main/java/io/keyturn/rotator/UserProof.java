package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.UserNames;
import java.util.List;
import java.util.Optional;

/**
 * Proves that the users whose passwords an admin is to change are the secret's own. Otherwise
 * anybody who can write the secret could name any user, and have the admin change its password.
 *
 * <p>AWSCURRENT proves it by logging in. A deployment that writes the secret's first value again
 * overwrites AWSCURRENT; then an older version for the same pair of users and the same server
 * proves it.
 */
final class UserProof {
  private final SecretsManager secrets;
  private final PostgresLogin postgres;
  private final UserCreation userCreation;

  UserProof(SecretsManager secrets, PostgresLogin postgres, UserCreation userCreation) {
    this.secrets = secrets;
    this.postgres = postgres;
    this.userCreation = userCreation;
  }

  /**
   * Requires that a version of the secret logs in.
   *
   * @throws RotationException if none does
   */
  void require(Admin admin, UserNames names, DatabaseSecret current, Invocation invocation) {
    LoginAttempts logins = new LoginAttempts(postgres, invocation, Optional.of(admin));
    DatabaseSecret here = admin.atThisServer(current);
    if (!logins.works(here)
        && !(userCreation.createIfMissing(admin, names, current, invocation)
            && logins.works(here))) {
      requireOlder(admin, names, current, invocation, logins);
    }
  }

  /** Requires the same without creating a user that does not exist. */
  void withoutCreating(
      Admin admin, UserNames names, DatabaseSecret current, Invocation invocation) {
    LoginAttempts logins = new LoginAttempts(postgres, invocation, Optional.of(admin));
    if (!logins.works(admin.atThisServer(current))) {
      requireOlder(admin, names, current, invocation, logins);
    }
  }

  boolean mayCreate() {
    return userCreation.isWanted();
  }

  private void requireOlder(
      Admin admin,
      UserNames names,
      DatabaseSecret current,
      Invocation invocation,
      LoginAttempts logins) {
    Optional<DatabaseSecret> older =
        working(
                secrets.previous(invocation, logins::suppress).stream().toList(),
                admin,
                names,
                current,
                logins)
            .or(
                () ->
                    working(
                        secrets.unlabelled(invocation, logins::suppress),
                        admin,
                        names,
                        current,
                        logins));
    if (older.isEmpty()) {
      throw logins.failure(
          ("Nothing was changed: %s does not log in to %s as \"%s\", nor does any older version for"
                  + " this user or its twin, so nothing proves that the user is the secret's own. Put"
                  + " the user's password into the secret as AWSCURRENT, and rotate again")
              .formatted(current, admin.host(), current.username()));
    }
    invocation.warn(
        ("%s does not log in as \"%s\", but %s does as \"%s\": AWSCURRENT has been overwritten. This"
                + " rotation replaces it by a login that works. If a deployment overwrote it, have"
                + " the deployment write the value only once, as Terraform does with ignore_changes")
            .formatted(current, current.username(), older.get(), older.get().username()));
  }

  private static Optional<DatabaseSecret> working(
      List<DatabaseSecret> versions,
      Admin admin,
      UserNames names,
      DatabaseSecret current,
      LoginAttempts logins) {
    return versions.stream()
        .filter(version -> names.has(version.username()))
        .filter(
            version ->
                version.host().equalsIgnoreCase(current.host()) && version.port() == current.port())
        .filter(version -> logins.works(admin.atThisServer(version)))
        .findFirst();
  }
}
