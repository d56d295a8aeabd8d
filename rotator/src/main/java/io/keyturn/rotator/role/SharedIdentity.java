package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

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
    }
    if (!twinIsCurrent) {
      copyLimits();
    }
    for (Attribute attribute : attributesToChange()) {
      alter(attribute);
    }
    settings.writeTwin(admin, names);
  }

  /** An attribute that a role is to be given, such as NOREPLICATION. */
  private record Attribute(String role, String name) {
    String statement() {
      return "ALTER ROLE %s %s".formatted(Sql.name(role), name);
    }
  }

  private List<Attribute> attributesToChange() {
    List<Attribute> changes = new ArrayList<>();
    if (currentRunsAsItself()) {
      facts.twin().attributes().stream()
          .filter(attribute -> !facts.base().attributes().contains(attribute))
          .forEach(attribute -> changes.add(new Attribute(names.base(), attribute)));
    }
    if (!twinIsCurrent) {
      // PostgreSQL checks this one for the role that logged in, the others for the role that the
      // session runs as.
      boolean replicates = facts.base().attributes().contains(REPLICATION);
      if (replicates != facts.twin().attributes().contains(REPLICATION)) {
        changes.add(new Attribute(names.twin(), replicates ? REPLICATION : "NO" + REPLICATION));
      }
    }
    return changes;
  }

  /** Refuses what {@link #run} would be refused of attributes, and changes nothing. */
  void requireAttributes() throws SQLException {
    List<Attribute> changes = attributesToChange();
    if (changes.isEmpty() || facts.superuser()) {
      return;
    }
    Set<String> given =
        Set.of(
            admin
                .rows(
                    """
                    SELECT concat_ws(',', 'CREATEROLE', CASE WHEN rolreplication THEN 'REPLICATION' END,
                             CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END)
                    FROM pg_roles WHERE rolname = current_user
                    """)
                .get(0)[0]
                .split(","));
    for (Attribute change : changes) {
      String attribute = change.name().replaceFirst("^NO", "");
      // From PostgreSQL 16 on, an admin may give what it has. Before, only CREATEDB and CREATEROLE
      // take no superuser.
      if (facts.sixteenOrLater() ? !given.contains(attribute) : !attribute.startsWith("CREATE")) {
        throw notPermitted(change, null);
      }
    }
  }

  /** Refuses what {@link #run} would be refused of settings, and changes nothing. */
  void requireSettings() throws SQLException {
    settings.requirePermitted(admin, names, currentRunsAsItself());
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
        alter(new Attribute(names.twin(), "INHERIT"));
      }
    }
  }

  /**
   * Requires that the base, which is to become current, may log in as often and as long as the twin
   * may now. A twin that runs as the base gets the base's limits when it is its turn.
   */
  void requireLimits() {
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

  /** Gives a twin that is not current the limits of the base. */
  private void copyLimits() throws SQLException {
    RoleFacts.Role base = facts.base();
    RoleFacts.Role twin = facts.twin();
    if (base.connectionLimit() != twin.connectionLimit()) {
      alter(new Attribute(names.twin(), "CONNECTION LIMIT " + base.connectionLimit()));
    }
    if (!twin.exists() || !base.validUntil().equals(twin.validUntil())) {
      if (twin.exists() || base.secondsValid() != null) {
        alter(new Attribute(names.twin(), "VALID UNTIL " + Sql.literal(base.validUntil())));
      }
    }
  }

  private void alter(Attribute attribute) throws SQLException {
    try {
      admin.execute(attribute.statement());
    } catch (SQLException e) {
      if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
      throw notPermitted(attribute, e);
    }
  }

  private RotationException notPermitted(Attribute attribute, SQLException cause) {
    return new RotationException(
        "Nothing was changed: both users must have the same attributes, and the admin may not change this one. Have a superuser run: %s"
            .formatted(remedy(attribute)),
        cause);
  }

  private String remedy(Attribute attribute) {
    if (facts.twin().exists() || attribute.role().equals(names.base())) {
      return attribute.statement();
    }
    // The twin that this transaction created is rolled back with the rest.
    String twin = Sql.name(attribute.role());
    return "CREATE ROLE %1$s LOGIN %2$s; GRANT %3$s TO %1$s; GRANT %1$s TO %4$s WITH ADMIN OPTION"
        .formatted(twin, attribute.name(), Sql.name(names.base()), Sql.name(facts.admin()));
  }
}
