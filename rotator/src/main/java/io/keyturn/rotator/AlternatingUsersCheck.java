package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.check.Level;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.role.HandoverCheck;
import io.keyturn.rotator.role.RoleFacts;
import io.keyturn.rotator.role.RolesCheck;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.SharedIdentity;
import io.keyturn.rotator.role.TwinRights;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.util.List;
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
                Roles roles =
                    session.inspect(() -> roles(session, names, current, invocation, report));
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

  /**
   * What is known of the roles.
   *
   * @param currentRunsAsItself whether the application works with the twin's own rights
   */
  private record Roles(boolean exist, boolean currentRunsAsItself, List<String> databasesLeft) {}

  private static Roles roles(
      Session session,
      UserNames names,
      DatabaseSecret current,
      Invocation invocation,
      CheckReport report)
      throws SQLException {
    boolean twinIsCurrent = current.username().equals(names.twin());
    RolesCheck.run(session, names, twinIsCurrent, invocation, report);
    RolesCheck.sessionUser(session, report);
    RoleFacts facts = RoleFacts.read(session, names);
    return new Roles(
        facts.base().exists() || facts.twin().exists(),
        new SharedIdentity(session, names, facts, twinIsCurrent).currentRunsAsItself(),
        TwinRights.databases(session, names));
  }

  private void userMissing(
      Admin admin,
      UserNames names,
      DatabaseSecret current,
      Invocation invocation,
      CheckReport report) {
    if (proof.mayCreate()) {
      report.add(
          Level.TELLS,
          Code.NEW_USER,
          "user \"%s\" does not exist, and the rotation creates it".formatted(current.username()),
          null);
    } else {
      report.require(Code.LOGIN, () -> proof.withoutCreating(admin, names, current, invocation));
    }
  }

  private static void handOver(
      Admin admin, String database, UserNames names, Roles roles, CheckReport report)
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
