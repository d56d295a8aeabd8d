package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the twin a second way to log in as the base: a session of the twin runs as the base from
 * its start, so whatever either creates belongs to the base, and what is granted to the base serves
 * both.
 *
 * <p>Runs in one transaction of the admin with the change of the password, so that a crash leaves
 * all of it or nothing.
 */
public final class SharedIdentity {
  /** PostgreSQL's error code insufficient_privilege. */
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private static final String REPLICATION = "REPLICATION";

  private final Session admin;
  private final UserNames names;
  private final RoleFacts facts;
  private final RoleSettings settings;
  private final boolean twinIsCurrent;

  public SharedIdentity(Session admin, UserNames names, RoleFacts facts, boolean twinIsCurrent)
      throws SQLException {
    this.admin = admin;
    this.names = names;
    this.facts = facts;
    this.twinIsCurrent = twinIsCurrent;
    settings = RoleSettings.read(admin, names);
  }

  /**
   * Whether AWSCURRENT is a twin that runs as itself, as AWS's template leaves it: then what it has
   * of its own is what the application works with.
   */
  public boolean currentRunsAsItself() {
    return twinIsCurrent && !settings.twinRunsAsAnother();
  }

  public void run() throws SQLException {
    requireLimits();
    if (!facts.twin().exists()) {
      // The password comes later, and as a verifier; until then nobody logs in with it.
      admin.execute("CREATE ROLE " + Sql.name(names.twin()) + " LOGIN");
    }
    ensureMembership();
    if (currentRunsAsItself()) {
      settings.writeBase(admin, names);
      for (String attribute : facts.twin().attributes()) {
        if (!facts.base().attributes().contains(attribute)) {
          alter(names.base(), attribute);
        }
      }
    }
    if (!twinIsCurrent) {
      copyAttributes();
    }
    settings.writeTwin(admin, names);
  }

  /**
   * Membership lets the twin become the base (SET), and have its privileges before it has
   * (INHERIT).
   */
  public void ensureMembership() throws SQLException {
    if (!facts.twinIsFullMemberOfBase()) {
      admin.execute(
          "GRANT %s TO %s%s"
              .formatted(
                  Sql.name(names.base()),
                  Sql.name(names.twin()),
                  facts.sixteenOrLater() ? " WITH INHERIT TRUE, SET TRUE" : ""));
      if (facts.twin().exists() && !facts.sixteenOrLater()) {
        alter(names.twin(), "INHERIT");
      }
    }
  }

  /**
   * Refuses to make a base the current user that may log in less than the twin does now. A twin
   * that runs as the base follows the base's limits when its own turn comes.
   */
  private void requireLimits() {
    if (!twinIsCurrent) {
      return;
    }
    RoleFacts.Role base = facts.base();
    RoleFacts.Role twin = facts.twin();
    boolean asItself = currentRunsAsItself();
    List<String> remedies = new ArrayList<>();
    if (base.connectionLimit() == 0
        || (asItself && isLess(base.connectionLimit(), twin.connectionLimit()))) {
      remedies.add("CONNECTION LIMIT " + (asItself ? twin.connectionLimit() : -1));
    }
    if (base.secondsValid() != null
        && (base.secondsValid() <= 0
            || (asItself
                && (twin.secondsValid() == null || base.secondsValid() < twin.secondsValid())))) {
      remedies.add("VALID UNTIL " + Sql.literal(asItself ? twin.validUntil() : "infinity"));
    }
    if (!remedies.isEmpty()) {
      throw new RotationException(
          "Nothing was changed: \"%1$s\" has CONNECTION LIMIT %2$d and VALID UNTIL '%3$s', so it could not log in as \"%4$s\" does, which is current. Run: ALTER ROLE %5$s %6$s"
              .formatted(
                  names.base(),
                  base.connectionLimit(),
                  base.validUntil(),
                  names.twin(),
                  Sql.name(names.base()),
                  String.join(" ", remedies)));
    }
  }

  private static boolean isLess(int limit, int other) {
    return limit >= 0 && (other < 0 || limit < other);
  }

  /** Brings a twin that is not current in line with the base. */
  private void copyAttributes() throws SQLException {
    RoleFacts.Role base = facts.base();
    RoleFacts.Role twin = facts.twin();
    if (base.connectionLimit() != twin.connectionLimit()) {
      alter(names.twin(), "CONNECTION LIMIT " + base.connectionLimit());
    }
    if (!twin.exists() || !base.validUntil().equals(twin.validUntil())) {
      if (twin.exists() || base.secondsValid() != null) {
        alter(names.twin(), "VALID UNTIL " + Sql.literal(base.validUntil()));
      }
    }
    // The others are looked up for the role that a session runs as, this one for that it logged in
    // as.
    boolean replicates = base.attributes().contains(REPLICATION);
    if (replicates != twin.attributes().contains(REPLICATION)) {
      alter(names.twin(), replicates ? REPLICATION : "NO" + REPLICATION);
    }
  }

  private void alter(String role, String attribute) throws SQLException {
    String statement = "ALTER ROLE %s %s".formatted(Sql.name(role), attribute);
    try {
      admin.execute(statement);
    } catch (SQLException e) {
      if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
      throw new RotationException(
          "Nothing was changed: both users must have the same attributes, and the admin may not give this one. Have a superuser run: "
              + remedy(role, attribute),
          e);
    }
  }

  private String remedy(String role, String attribute) {
    if (facts.twin().exists() || role.equals(names.base())) {
      return "ALTER ROLE %s %s".formatted(Sql.name(role), attribute);
    }
    // It is rolled back with the rest.
    String twin = Sql.name(role);
    return "CREATE ROLE %1$s LOGIN %2$s; GRANT %3$s TO %1$s; GRANT %1$s TO %4$s WITH ADMIN OPTION"
        .formatted(twin, attribute, Sql.name(names.base()), Sql.name(facts.admin()));
  }
}
