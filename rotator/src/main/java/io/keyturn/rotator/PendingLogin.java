package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.util.Optional;
import java.util.SortedSet;

/** Reads the pending version for setSecret, if AWSCURRENT still asks for it. */
final class PendingLogin {
  private final SecretsManager secrets;

  PendingLogin(SecretsManager secrets) {
    this.secrets = secrets;
  }

  /**
   * The pending version, which is still the one under rotation at this moment.
   *
   * @param username that the strategy gives it
   * @throws RotationException if a newer rotation has replaced it, or AWSCURRENT asks for another
   */
  DatabaseSecret read(Invocation invocation, DatabaseSecret current, String username) {
    DatabaseSecret pending = secrets.pending(invocation);
    Optional<String> problem = problem(pending, current, username);
    if (problem.isPresent()) {
      throw giveUp(invocation, problem.get() + ". The database was not changed");
    }
    return pending;
  }

  /**
   * Why no retry can complete this version, if so: it is for another user, or differs from
   * AWSCURRENT in more than user name and password.
   *
   * <p>A version for another user or server would let anybody who can write the secret change
   * another role's password. If somebody has edited AWSCURRENT since the version was made from it,
   * such as its port, the rotation would undo the edit. The version may also come from a
   * createSecret so late that AWSCURRENT has moved meanwhile.
   */
  static Optional<String> problem(DatabaseSecret pending, DatabaseSecret current, String username) {
    if (!pending.username().equals(username)) {
      return Optional.of(
          "Key \"username\" is \"%s\" in %s, but by %s it must be \"%s\""
              .formatted(pending.username(), pending, current, username));
    }
    SortedSet<String> edited = pending.keysThatDiffer(current);
    return edited.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "%s was changed since %s was made from it, in \"%s\""
                .formatted(current, pending, String.join("\", \"", edited)));
  }

  /** Removes AWSPENDING from the version, so that the next rotation starts from AWSCURRENT. */
  RotationException giveUp(Invocation invocation, String problem) {
    try {
      secrets.abandon(invocation);
      return new RotationException(
          problem + ", and AWSPENDING was removed from that version: rotate again");
    } catch (RotationException e) {
      RotationException failure =
          new RotationException(
              problem
                  + ", but AWSPENDING could not be removed from that version: remove it with"
                  + " UpdateSecretVersionStage, and rotate again");
      failure.addSuppressed(e);
      return failure;
    }
  }
}
