package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.role.HandoverCheck;
import io.keyturn.rotator.role.RolesCheck;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Predicate;

/** Checks a secret of alternating users, as {@link AlternatingUsers} would rotate it. */
final class AlternatingUsersCheck {
  private final PostgresLogin postgres;
  private final AdminLogin admins;
  private final UserProof proof;

  AlternatingUsersCheck(PostgresLogin postgres, AdminLogin admins, UserProof proof) {
    this.postgres = postgres;
    this.admins = admins;
    this.proof = proof;
  }

  /**
   * Checks it.
   *
   * @return tells whether a version logs in; null if the server cannot be asked
   */
  Predicate<DatabaseSecret> run(Invocation invocation, DatabaseSecret current, CheckReport report) {
    UserNames names = UserNames.of(current);
    Optional<Admin> found = report.attempt(Code.ADMIN, () -> admins.of(current, invocation));
    if (found.isEmpty()) {
      return null;
    }
    Admin admin = found.get();
    report.fact("admin", admin.username());
    report.fact("adminHost", admin.host());
    LoginAttempts logins = new LoginAttempts(postgres, invocation, found);
    boolean reached =
        report.require(
            Code.ADMIN,
            () -> {
              try (Session session = admin.open()) {
                boolean twinIsCurrent = current.username().equals(names.twin());
                RolesCheck.Roles roles =
                    session.inspect(
                        () -> RolesCheck.run(session, names, twinIsCurrent, invocation, report));
                if (roles.exist()) {
                  report.require(
                      Code.LOGIN, () -> proof.withoutCreating(admin, names, current, invocation));
                } else {
                  userMissing(admin, names, current, invocation, report);
                }
                for (String database : roles.databasesLeft()) {
                  report.require(
                      Code.HANDOVER, () -> handOver(admin, database, names, roles, report));
                }
              }
            });
    return reached ? version -> logins.works(admin.atThisServer(version)) : null;
  }

  private void userMissing(
      Admin admin,
      UserNames names,
      DatabaseSecret current,
      Invocation invocation,
      CheckReport report) {
    if (proof.mayCreate()) {
      UserCreation.announce(current.username(), report);
    } else {
      report.require(Code.LOGIN, () -> proof.withoutCreating(admin, names, current, invocation));
    }
  }

  private static void handOver(
      Admin admin, String database, UserNames names, RolesCheck.Roles roles, CheckReport report)
      throws SQLException {
    boolean home = database.equals(admin.database());
    try (Session session = admin.open(database)) {
      session.inspect(
          () -> {
            HandoverCheck.run(session, names, home, roles.currentRunsAsItself(), report);
            if (!home) {
              RolesCheck.sessionUser(session, report);
            }
            return true;
          });
    }
  }
}
