package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Finding;
import io.keyturn.rotator.check.Level;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.Hint;
import io.keyturn.rotator.role.RoleSql;
import io.keyturn.rotator.role.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** testSecret: proves that the pending version logs in, and can do what the current one can. */
final class TestSecret {
  private final SecretsManager secrets;
  private final Strategies strategies;
  private final Optional<String> statement;
  private final SecretCheck check;

  /**
   * @param statement TEST_SQL: one more that must succeed, in a read-only transaction, which is
   *     rolled back
   */
  TestSecret(
      SecretsManager secrets,
      Strategies strategies,
      Optional<String> statement,
      SecretCheck check) {
    this.secrets = secrets;
    this.strategies = strategies;
    this.statement = statement;
    this.check = check;
  }

  /**
   * Tests the pending version.
   *
   * @param set whether setSecret is known to have compared it with the version that is AWSCURRENT;
   *     otherwise AWSCURRENT may have been edited, or it may be a copy of AWSCURRENT, with which
   *     RotateSecret asks for a test alone
   */
  void run(Invocation invocation, boolean set) {
    DatabaseSecret pending = secrets.pending(invocation);
    Optional<DatabaseSecret> current =
        set ? Optional.empty() : Optional.of(secrets.current(invocation));
    current.ifPresent(edited -> requireUnedited(pending, edited));
    Strategy strategy = strategies.of(pending);
    invocation.record().strategy(strategy.name());
    invocation.record().login(pending.host(), pending.username());
    try (Session session = strategy.openPending(invocation, pending)) {
      session.readOnly(
          () -> {
            RoleSql.probe(session);
            strategy.requireEqualToCurrent(invocation, pending, session);
            if (statement.isPresent()) {
              RoleSql.run(session, statement.get());
            }
          });
    } catch (SQLException e) {
      throw new RotationException(
          "The pending login of %s failed its test, so AWSCURRENT was not moved: %s%s"
              .formatted(pending, e.getMessage(), Hint.of(e)),
          e);
    }
    invocation.info("\"%s\" logs in at %s".formatted(pending.username(), pending.host()));
    if (current.filter(version -> isCopy(pending, version)).isPresent()) {
      requireRotatable(invocation);
    }
  }

  private static boolean isCopy(DatabaseSecret pending, DatabaseSecret current) {
    return pending.username().equals(current.username())
        && pending.password().equals(current.password());
  }

  private void requireRotatable(Invocation invocation) {
    CheckReport report = check.run(invocation, invocation.token());
    List<String> blocks =
        report.findings().stream()
            .filter(finding -> finding.level() == Level.BLOCKS)
            .map(Finding::toString)
            .toList();
    if (!blocks.isEmpty()) {
      throw new RotationException(
          "Secret %s cannot be rotated as it is. Nothing was changed: %s"
              .formatted(invocation.secretId(), String.join("; ", blocks)));
    }
    invocation.info(
        "this was a test, as RotateSecret asks for with RotateImmediately=false: the secret can be rotated, and nothing was changed");
  }

  /** finishSecret would undo an edit of AWSCURRENT. */
  private static void requireUnedited(DatabaseSecret pending, DatabaseSecret current) {
    PendingLogin.problem(pending, current, pending.username())
        .ifPresent(
            problem -> {
              throw new RotationException(
                  problem + ". AWSCURRENT was not moved. The next attempt starts from it");
            });
  }
}
