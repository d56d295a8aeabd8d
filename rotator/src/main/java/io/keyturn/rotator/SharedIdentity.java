package io.keyturn.rotator;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Makes the twin a second way to log in as the base: a session of the twin runs as the base from
 * its start, so whatever either creates belongs to the base, and what is granted to the base serves
 * both.
 *
 * <p>Runs in one transaction of the admin with the change of the password, so that a crash leaves
 * all of it or nothing.
 */
final class SharedIdentity {
  private final Session admin;
  private final UserNames names;
  private final RoleFacts facts;

  SharedIdentity(Session admin, UserNames names, RoleFacts facts) {
    this.admin = admin;
    this.names = names;
    this.facts = facts;
  }

  void run() throws SQLException {
    if (!facts.twin().exists()) {
      // The password comes later, and as a verifier; until then nobody logs in with it.
      admin.execute("CREATE ROLE " + Sql.name(names.twin()) + " LOGIN");
    }
    ensureMembership();
    copyAttributes();
    copySettings();
  }

  /**
   * Membership lets the twin become the base (SET), and use its CONNECT privileges before it has
   * (INHERIT).
   */
  private void ensureMembership() throws SQLException {
    String options = facts.sixteenOrLater() ? " AND m.inherit_option AND m.set_option" : "";
    boolean isMember =
        !admin
            .rows(
                """
                SELECT 1
                FROM pg_auth_members m
                     JOIN pg_roles base ON base.oid = m.roleid
                     JOIN pg_roles twin ON twin.oid = m.member
                WHERE base.rolname = ? AND twin.rolname = ?
                """
                    + options,
                names.base(),
                names.twin())
            .isEmpty();
    if (!isMember) {
      admin.execute(
          "GRANT "
              + Sql.name(names.base())
              + " TO "
              + Sql.name(names.twin())
              + (facts.sixteenOrLater() ? " WITH INHERIT TRUE, SET TRUE" : ""));
    }
  }

  private void copyAttributes() throws SQLException {
    String[] base = attributes(names.base());
    String[] twin = attributes(names.twin());
    if (!Objects.equals(base[0], twin[0])) {
      admin.execute("ALTER ROLE " + Sql.name(names.twin()) + " CONNECTION LIMIT " + base[0]);
    }
    if (!Objects.equals(base[1], twin[1])) {
      admin.execute(
          "ALTER ROLE " + Sql.name(names.twin()) + " VALID UNTIL " + Sql.literal(base[1]));
    }
  }

  private String[] attributes(String role) throws SQLException {
    List<String[]> rows =
        admin.rows(
            "SELECT rolconnlimit, coalesce(rolvaliduntil, 'infinity') FROM pg_roles WHERE rolname = ?",
            role);
    return rows.get(0);
  }

  private void copySettings() throws SQLException {
    Map<RoleSettings.Key, String> base = RoleSettings.read(admin, names.base());
    Map<RoleSettings.Key, String> twin = RoleSettings.read(admin, names.twin());
    RoleSettings.Key role = new RoleSettings.Key(null, RoleSettings.ROLE);
    Map<RoleSettings.Key, String> wantedOfBase = new LinkedHashMap<>(base);
    if (!twin.containsKey(role)) {
      // AWS's template made this twin: what was set for it while it was current would be lost.
      twin.forEach(wantedOfBase::putIfAbsent);
      RoleSettings.write(admin, names.base(), base, wantedOfBase);
    }
    Map<RoleSettings.Key, String> wantedOfClone = new LinkedHashMap<>(wantedOfBase);
    wantedOfClone.putIfAbsent(role, names.base());
    RoleSettings.write(admin, names.twin(), twin, wantedOfClone);
  }
}
