package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the twin a second login of the base: a session of the twin runs as the base from its start.
 * The base then owns everything that either creates, and a grant to the base serves both.
 *
 * <p>Runs in the same transaction as the change of the password, so that a crash leaves all of it
 * or nothing.
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
   * Whether AWSCURRENT is a twin that runs as itself, as AWS's template leaves it. Then the
   * application works with the twin's own rights.
   */
  public boolean currentRunsAsItself() {
    return twinIsCurrent && !settings.twinRunsAsAnother();
  }

  public void run() throws SQLException {
    requireLimits();
    if (!facts.twin().exists()) {
      // Without a password, which is set later as a verifier, nobody can log in.
      admin.execute("CREATE ROLE %s LOGIN".formatted(Sql.name(names.twin())));
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
   * Makes the twin a member of the base, so that it may become the base (SET) and has its
   * privileges even before (INHERIT).
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
   * Requires that the base, which is to become current, may log in as often and as long as the twin
   * may now. A twin that runs as the base gets the base's limits when it is its turn.
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
          "Nothing was changed: \"%1$s\" has CONNECTION LIMIT %2$d and VALID UNTIL '%3$s', so it could log in less than \"%4$s\", which is current. Run: ALTER ROLE %5$s %6$s"
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

  /** Gives a twin that is not current the attributes of the base. */
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
    // PostgreSQL checks this one for the role that logged in, the others for the role that the
    // session runs as.
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
          "Nothing was changed: both users must have the same attributes, and the admin may not change this one. Have a superuser run: %s"
              .formatted(remedy(role, attribute)),
          e);
    }
  }

  private String remedy(String role, String attribute) {
    if (facts.twin().exists() || role.equals(names.base())) {
      return "ALTER ROLE %s %s".formatted(Sql.name(role), attribute);
    }
    // The twin that this transaction created is rolled back with the rest.
    String twin = Sql.name(role);
    return "CREATE ROLE %1$s LOGIN %2$s; GRANT %3$s TO %1$s; GRANT %1$s TO %4$s WITH ADMIN OPTION"
        .formatted(twin, attribute, Sql.name(names.base()), Sql.name(facts.admin()));
  }
}
