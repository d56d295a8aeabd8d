package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.UserNames;
import java.util.List;
import java.util.Optional;

/**
 * Proves that the users whose passwords an admin is to change are the secret's own: otherwise
 * whoever can write the secret could name any user, and have the admin give them its password.
 *
 * <p>AWSCURRENT proves it by logging in. Where somebody has overwritten AWSCURRENT, as a deployment
 * may that writes the secret's first value again, an older version for the same pair of users and
 * the same server does.
 */
final class UserProof {
  private final SecretsManager secrets;
  private final PostgresLogin postgres;
  private final FirstUser firstUser;

  UserProof(SecretsManager secrets, PostgresLogin postgres, FirstUser firstUser) {
    this.secrets = secrets;
    this.postgres = postgres;
    this.firstUser = firstUser;
  }

  /**
   * Refuses to go on without a proof.
   *
   * @throws RotationException if no version of the secret logs in
   */
  void require(Admin admin, UserNames names, DatabaseSecret current, Invocation invocation) {
    KnownLogins logins = new KnownLogins(postgres, invocation, Optional.of(admin));
    DatabaseSecret here = admin.loginHere(current);
    if (logins.works(here)
        || (firstUser.ensure(admin, names, current, invocation) && logins.works(here))) {
      return;
    }
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
                  + " this user or its twin, and the admin only serves a secret that does. Put the"
                  + " user's right password into the secret as AWSCURRENT, and rotate again")
              .formatted(current, admin.host(), current.username()));
    }
    invocation.warn(
        ("%s does not log in as \"%s\", but %s does as \"%s\": somebody has overwritten AWSCURRENT"
                + " since. This rotation puts a login that works in its place. If a deployment did"
                + " it, let it write the value only once, as Terraform does with ignore_changes")
            .formatted(current, current.username(), older.get(), older.get().username()));
  }

  private static Optional<DatabaseSecret> working(
      List<DatabaseSecret> versions,
      Admin admin,
      UserNames names,
      DatabaseSecret current,
      KnownLogins logins) {
    return versions.stream()
        .filter(version -> names.has(version.username()))
        .filter(
            version ->
                version.host().equalsIgnoreCase(current.host()) && version.port() == current.port())
        .filter(version -> logins.works(admin.loginHere(version)))
        .findFirst();
  }
}
