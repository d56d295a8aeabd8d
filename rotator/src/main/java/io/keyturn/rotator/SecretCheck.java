package io.keyturn.rotator;

import static io.keyturn.rotator.SecretVersions.CURRENT;
import static io.keyturn.rotator.SecretVersions.PENDING;
import static io.keyturn.rotator.SecretVersions.PREVIOUS;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.check.Finding;
import io.keyturn.rotator.check.Level;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;

/**
 * Finds out what a rotation of a secret would do and what would stop it, and changes nothing.
 *
 * <p>It runs the same checks as a rotation, so that it finds whatever a rotation would refuse.
 */
final class SecretCheck {
  private final SecretsManager secrets;
  private final Strategies strategies;
  private final Optional<GeneratedValue> generated;

  /**
   * @param generated if the function rotates generated values, and no databases' secrets
   */
  SecretCheck(SecretsManager secrets, Strategies strategies, Optional<GeneratedValue> generated) {
    this.secrets = secrets;
    this.strategies = strategies;
    this.generated = generated;
  }

  /**
   * Checks the secret that the invocation names.
   *
   * @param under the version of a test rotation under way, which is no finding; null otherwise
   */
  CheckReport run(Invocation invocation, String under) {
    CheckReport report = new CheckReport(invocation.secretId());
    Optional<DescribeSecretResponse> description =
        report.attempt(Code.SECRET, () -> secrets.description(invocation));
    if (description.isPresent() && isUsable(description.get(), under, report)) {
      Map<String, String> versions = versions(description.get());
      Invocation check =
          invocation.forCheck(
              versions.get(PENDING),
              warning -> report.add(Level.WARNS, Code.WARNING, warning, null));
      if (generated.isPresent()) {
        generated.get().check(check, report);
      } else {
        check(check, versions, report);
      }
    }
    for (Finding finding : report.findings()) {
      invocation.info("check: " + finding);
    }
    invocation.info("check: " + report.toJson());
    return report;
  }

  /** Whether there is anything to check of it. */
  private static boolean isUsable(DescribeSecretResponse secret, String under, CheckReport report) {
    report.fact("arn", secret.arn());
    if (secret.deletedDate() != null) {
      report.add(
          Level.BLOCKS,
          Code.DELETED,
          "the secret is scheduled for deletion",
          "aws secretsmanager restore-secret --secret-id " + secret.arn());
      return false;
    }
    if (secret.owningService() != null) {
      report.add(
          Level.BLOCKS,
          Code.MANAGED,
          "%s manages and rotates the secret, and no function can"
              .formatted(secret.owningService()),
          null);
      return false;
    }
    if (!Boolean.TRUE.equals(secret.rotationEnabled())) {
      report.add(
          Level.TELLS,
          Code.ROTATION_OFF,
          "rotation is not enabled",
          "aws secretsmanager rotate-secret --secret-id %s --rotation-lambda-arn FUNCTION --rotation-rules AutomaticallyAfterDays=30 --no-rotate-immediately"
              .formatted(secret.arn()));
    } else if (secret.rotationLambdaARN() != null) {
      report.fact("function", secret.rotationLambdaARN());
    }
    Map<String, String> versions = versions(secret);
    String pending = versions.get(PENDING);
    if (pending != null && !pending.equals(versions.get(CURRENT)) && !pending.equals(under)) {
      report.add(
          Level.WARNS,
          Code.UNFINISHED,
          "version %s is staged AWSPENDING: a rotation is under way, or has failed. Its error is in the function's log, and the next attempt continues it"
              .formatted(pending),
          "aws secretsmanager rotate-secret --secret-id " + secret.arn());
    }
    return true;
  }

  private static Map<String, String> versions(DescribeSecretResponse secret) {
    Map<String, String> byLabel = new HashMap<>();
    secret.versionIdsToStages().forEach((id, labels) -> labels.forEach(l -> byLabel.put(l, id)));
    return byLabel;
  }

  private void check(Invocation invocation, Map<String, String> versions, CheckReport report) {
    Optional<DatabaseSecret> current =
        report.attempt(Code.SECRET, () -> secrets.current(invocation));
    Optional<Strategy> strategy =
        current.flatMap(secret -> report.attempt(Code.STRATEGY, () -> strategies.of(secret)));
    Predicate<DatabaseSecret> logsIn = null;
    if (strategy.isPresent()) {
      DatabaseSecret secret = current.get();
      report.fact("strategy", strategy.get().name());
      report.fact("host", secret.host());
      report.fact("port", secret.port());
      report.fact("database", secret.database());
      report.fact("user", secret.username());
      Optional<String> next =
          report.attempt(Code.STRATEGY, () -> strategy.get().nextUsername(secret));
      if (next.isPresent()) {
        report.fact("nextUser", next.get());
        unfinished(invocation, secret, next.get(), report);
        logsIn = strategy.get().check(invocation, secret, report);
      }
    }
    for (String label : List.of(CURRENT, PENDING, PREVIOUS)) {
      if (versions.containsKey(label)) {
        report.add(version(invocation, label, versions.get(label), current, logsIn));
      }
    }
  }

  /** What keeps the version of a rotation that has not ended from becoming current. */
  private void unfinished(
      Invocation invocation, DatabaseSecret current, String next, CheckReport report) {
    if (!report.codes().contains(Code.UNFINISHED)) {
      return;
    }
    try {
      PendingLogin.problem(secrets.pending(invocation), current, next)
          .ifPresent(problem -> report.add(Level.BLOCKS, Code.UNFINISHED, problem, null));
    } catch (RotationException | InvalidSecretException e) {
      invocation.debug("AWSPENDING has no value to look at: " + e.getMessage());
    }
  }

  private CheckReport.Version version(
      Invocation invocation,
      String label,
      String id,
      Optional<DatabaseSecret> current,
      Predicate<DatabaseSecret> logsIn) {
    String user = null;
    Boolean works = null;
    try {
      DatabaseSecret version =
          switch (label) {
            case CURRENT -> current.orElse(null);
            case PENDING -> secrets.pending(invocation);
            default -> secrets.previous(invocation, failure -> {}).orElse(null);
          };
      if (version != null) {
        user = version.username();
        works = logsIn == null ? null : logsIn.test(version);
      }
    } catch (RotationException | InvalidSecretException e) {
      invocation.debug("%s was not tried: %s".formatted(label, e.getMessage()));
    }
    return new CheckReport.Version(label, id, user, works);
  }
}
