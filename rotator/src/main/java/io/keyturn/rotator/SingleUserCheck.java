package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.RoleFacts;
import io.keyturn.rotator.role.ServerCheck;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Checks a secret of a single user, as {@link SingleUser} would rotate it. */
final class SingleUserCheck {
  private final SecretsManager secrets;
  private final PostgresLogin postgres;
  private final Invocation invocation;
  private final DatabaseSecret current;
  private final CheckReport report;

  SingleUserCheck(
      SecretsManager secrets,
      PostgresLogin postgres,
      Invocation invocation,
      DatabaseSecret current,
      CheckReport report) {
    this.secrets = secrets;
    this.postgres = postgres;
    this.invocation = invocation;
    this.current = current;
    this.report = report;
  }

  /**
   * Checks a user that changes its own password.
   *
   * @return tells whether a version logs in
   */
  Predicate<DatabaseSecret> alone() {
    LoginAttempts logins = new LoginAttempts(postgres, invocation, Optional.empty());
    report.require(
        Code.LOGIN,
        () -> {
          DatabaseSecret login = working(logins, logins::works);
          try (Session session = Session.open(postgres, login, invocation)) {
            session.inspect(
                () -> {
                  ServerCheck.run(session, report);
                  return true;
                });
          }
        });
    return logins::works;
  }

  /**
   * Checks a user whose password an admin changes.
   *
   * @param mayCreate whether the rotation creates a user that does not exist
   * @return tells whether a version logs in; null if the server cannot be asked
   */
  Predicate<DatabaseSecret> byAdmin(AdminLogin admins, boolean mayCreate) {
    Optional<Admin> found = report.attempt(Code.ADMIN, () -> admins.of(current, invocation));
    if (found.isEmpty()) {
      return null;
    }
    Admin admin = found.get();
    report.fact("admin", admin.username());
    report.fact("adminHost", admin.host());
    LoginAttempts logins = new LoginAttempts(postgres, invocation, found);
    Predicate<DatabaseSecret> works = version -> logins.works(admin.atThisServer(version));
    boolean reached =
        report.require(
            Code.ADMIN,
            () -> {
              if (userExists(admin) || !mayCreate) {
                report.require(Code.LOGIN, () -> working(logins, works));
              } else {
                UserCreation.announce(current.username(), report);
              }
            });
    return reached ? works : null;
  }

  private boolean userExists(Admin admin) throws SQLException {
    try (Session session = admin.open()) {
      return session.inspect(
          () -> {
            ServerCheck.run(session, report);
            RoleFacts facts =
                RoleFacts.read(session, new UserNames(current.username(), current.username()));
            report.require(Code.RIGHTS, () -> facts.requireAbleToRotate(List.of(facts.base())));
            return facts.base().exists();
          });
    }
  }

  /** The first version, of those that a rotation tries, that logs in. */
  private DatabaseSecret working(LoginAttempts logins, Predicate<DatabaseSecret> works) {
    return Stream.<Supplier<List<DatabaseSecret>>>of(
            () -> List.of(current),
            () -> pending(logins),
            () -> secrets.previous(invocation, logins::suppress).stream().toList(),
            () -> secrets.unlabelled(invocation, logins::suppress))
        .flatMap(versions -> versions.get().stream())
        .filter(version -> version.username().equals(current.username()))
        .filter(
            version -> version.host().equals(current.host()) && version.port() == current.port())
        .filter(works)
        .findFirst()
        .orElseThrow(() -> logins.noneWorks(current, current.host()));
  }

  private List<DatabaseSecret> pending(LoginAttempts logins) {
    if (invocation.token() == null) {
      return List.of();
    }
    try {
      return List.of(secrets.pending(invocation));
    } catch (RotationException | InvalidSecretException e) {
      logins.suppress(e);
      return List.of();
    }
  }
}
