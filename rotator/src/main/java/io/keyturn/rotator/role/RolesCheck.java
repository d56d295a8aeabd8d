package io.keyturn.rotator.role;

import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.check.Level;
import io.keyturn.rotator.invocation.Invocation;
import java.sql.SQLException;
import java.util.List;

/** Checks whether the admin may rotate two alternating users, without changing them. */
public final class RolesCheck {
  /**
   * What is known of the two roles.
   *
   * @param exist whether at least one of them does
   * @param currentRunsAsItself whether the application works with the twin's own rights
   * @param databasesLeft where anything is left to hand over
   */
  public record Roles(boolean exist, boolean currentRunsAsItself, List<String> databasesLeft) {}

  private RolesCheck() {}

  /**
   * Checks the two roles.
   *
   * @param admin a session in a read-only transaction
   * @param twinIsCurrent whether AWSCURRENT is for the twin
   */
  public static Roles run(
      Session admin,
      UserNames names,
      boolean twinIsCurrent,
      Invocation invocation,
      CheckReport report)
      throws SQLException {
    ServerCheck.run(admin, report);
    RoleFacts facts = RoleFacts.read(admin, names);
    report.require(
        Code.RIGHTS, () -> facts.requireAbleToRotate(List.of(facts.base(), facts.twin())));
    report.require(Code.PAIR, () -> RolePair.require(admin, names, facts));
    report.require(
        Code.SERVER_VERSION, () -> RoleSettingSupport.require(facts.version(), names, invocation));
    SharedIdentity identity = new SharedIdentity(admin, names, facts, twinIsCurrent);
    report.require(Code.LIMITS, identity::requireLimits);
    report.require(Code.ATTRIBUTES, identity::requireAttributes);
    report.require(Code.SETTINGS, identity::requireSettings);
    if (!facts.twin().exists()) {
      report.add(
          Level.TELLS,
          Code.NEW_ROLE,
          "the rotation creates role %s, a member of %s, which runs as it"
              .formatted(Sql.name(names.twin()), Sql.name(names.base())),
          null);
    }
    sessionUser(admin, report);
    return new Roles(
        facts.base().exists() || facts.twin().exists(),
        identity.currentRunsAsItself(),
        TwinRights.databases(admin, names));
  }

  /**
   * Looks for policies and functions that ask for session_user, which is the other name every other
   * rotation.
   *
   * @param session in the database to look at
   */
  public static void sessionUser(Session session, CheckReport report) throws SQLException {
    List<String> users =
        session
            .rows(
                """
                SELECT format('policy %I on %I.%I', p.polname, n.nspname, c.relname)
                FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~* '\\msession_user\\M'
                UNION ALL
                SELECT 'function ' || (pg_identify_object('pg_proc'::regclass, p.oid, 0)).identity
                FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prosrc ~* '\\msession_user\\M'
                  AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
                ORDER BY 1
                LIMIT 20
                """)
            .stream()
            .map(row -> row[0])
            .toList();
    if (!users.isEmpty()) {
      report.add(
          Level.WARNS,
          Code.SESSION_USER,
          "in database \"%s\", %s use session_user, which alternates between the two names. current_user stays the same"
              .formatted(session.database(), String.join(", ", users)),
          null);
    }
  }
}
