package io.keyturn.rotator.role;

import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.Pause;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.TwinRights.Kind;
import io.keyturn.rotator.role.TwinRights.Right;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hands over to the base what the twin owns or was granted. With AWS's template the twin owns what
 * it created, and a grant may name the twin at any time.
 *
 * <p>Other sessions wait only briefly for it: an object in use is tried a few times, and then
 * shared with the base and left for the next rotation.
 */
public final class Handover {
  /** How often an object is tried on which another session holds a lock. */
  private static final int TRIES = 3;

  private static final Duration PAUSE = Duration.ofMillis(200);

  /** How long locks are tried before the rest is left: there may be thousands of objects. */
  private static final Duration LOCKING = Duration.ofSeconds(10);

  /** How many of those left a message lists, each with its statement. */
  private static final int LISTED = 50;

  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final Logins logins;
  private final UserNames names;
  private final Invocation invocation;

  /** Opens the sessions that a handover needs, each in a named database. */
  public interface Logins {
    /** The database in the admin's secret. */
    String home();

    Session admin(String database) throws SQLException;

    /** A session of the twin, a member of the base, which may hand over what it owns. */
    Session twin(String database) throws SQLException;
  }

  public Handover(Logins logins, UserNames names, Invocation invocation) {
    this.logins = logins;
    this.names = names;
    this.invocation = invocation;
  }

  /**
   * Prepares a twin that is current and still runs as itself for running as the base.
   *
   * @throws RotationException if it could then do less than now
   */
  public void beforeItRunsAsTheBase(List<String> databases) throws SQLException {
    List<String> lacking = new ArrayList<>();
    List<String> remedies = new ArrayList<>();
    for (String database : homeFirst(databases)) {
      try (Session admin = admin(database);
          DatabaseHandover handover = handover(admin, database)) {
        handOver(handover, database, invocation.deadline());
        // Grants that cannot be revoked from the twin are at least given to the base.
        handover.give(Kind.GRANTS, handover.left(Kind.GRANTS));
        List<Right> unshared = handover.left(Kind.UNSHARED);
        List<String> facts = new ArrayList<>(handover.lacking(names.twin(), names.base()));
        facts.addAll(unshared.stream().map(Right::give).toList());
        List<String> prepared = handover.preparedTransactions();
        facts.addAll(prepared);
        if (!facts.isEmpty()) {
          facts.forEach(fact -> lacking.add("%s (database \"%s\")".formatted(fact, database)));
          left(handover, database)
              .filter(right -> right.give() != null)
              .forEach(right -> remedies.add(statement(right, database)));
          prepared.forEach(sql -> remedies.add(statement(names.twin(), database, sql)));
        }
      }
    }
    if (!lacking.isEmpty()) {
      throw new RotationException(
          ("AWSCURRENT stays \"%s\", which may do what \"%s\" may not: %s. \"%1$s\" keeps all its rights. If"
                  + " another session holds a lock, such as an older rotation of this secret, a later"
                  + " attempt succeeds. Otherwise run the following, and rotate again: %s")
              .formatted(names.twin(), names.base(), list(lacking), list(remedies)));
    }
  }

  /** Hands over what is left, and warns of what cannot be handed over. */
  public void run(List<String> databases) throws SQLException {
    // The current login does not need any of this, so a failure does not fail the rotation.
    Deadline end = Deadline.in(invocation.deadline().remaining().dividedBy(2));
    for (String database : homeFirst(databases)) {
      try (Session admin = admin(database);
          DatabaseHandover handover = handover(admin, database)) {
        handOver(handover, database, end);
        List<String> left =
            left(handover, database).map(right -> statement(right, database)).toList();
        invocation.record().left(left.size());
        if (!left.isEmpty()) {
          invocation.warn(
              "not everything that \"%s\" has could be handed over to \"%s\": %s"
                  .formatted(names.twin(), names.base(), list(left)));
        }
      } catch (SQLException e) {
        if (PostgresLogin.isLost(e) || PostgresLogin.isBusy(e)) {
          throw e;
        }
        invocation.warn(
            "nothing more was handed over in database \"%s\", so \"%s\" may still own objects or have grants there that \"%s\" does not have: %s"
                .formatted(database, names.twin(), names.base(), e.getMessage()));
      }
    }
  }

  private Session admin(String database) throws SQLException {
    try {
      return logins.admin(database);
    } catch (SQLException e) {
      if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
      throw new SQLException(
          "%s. Run: GRANT CONNECT ON DATABASE %s TO the admin"
              .formatted(e.getMessage(), Sql.name(database)),
          e.getSQLState(),
          e);
    }
  }

  private DatabaseHandover handover(Session admin, String database) {
    return new DatabaseHandover(
        admin, () -> logins.twin(database), names, invocation, database, isHome(database));
  }

  /** Shared objects are handed over in the admin's database, and may be needed in all others. */
  private List<String> homeFirst(List<String> databases) {
    return databases.stream().sorted(Comparator.comparing(d -> !isHome(d))).toList();
  }

  private boolean isHome(String database) {
    return database.equals(logins.home());
  }

  private void handOver(DatabaseHandover handover, String database, Deadline end)
      throws SQLException {
    if (isHome(database)) {
      handover.handOver(Kind.MEMBERSHIPS, handover.left(Kind.MEMBERSHIPS), end);
    }
    // Grants come first: the base may need one, such as CREATE on a schema, to own an object.
    withRetries(handover, Kind.GRANTS, end);
    withRetries(handover, Kind.OWNED, locking(end));
    handover.handOver(Kind.OWNED_TOGETHER, handover.left(Kind.OWNED_TOGETHER), end);
    handover.give(Kind.UNSHARED, handover.left(Kind.UNSHARED));
    handover.handOver(Kind.DEFAULT_PRIVILEGES, handover.left(Kind.DEFAULT_PRIVILEGES), end);
    withRetries(handover, Kind.POLICIES, locking(end));
  }

  private static Deadline locking(Deadline end) {
    Duration third = end.remaining().dividedBy(3);
    return Deadline.in(third.compareTo(LOCKING) < 0 ? third : LOCKING);
  }

  /** Tries again those on which another session holds a lock. */
  private void withRetries(DatabaseHandover handover, Kind kind, Deadline end) throws SQLException {
    List<Right> busy = handover.handOver(kind, handover.left(kind), end);
    for (int tries = 1; tries < TRIES && !busy.isEmpty(); tries++) {
      Pause.of(
          invocation.deadline(), PAUSE, new SQLException("No time is left for another attempt"));
      busy = handover.handOver(kind, busy, end);
    }
  }

  /** What the twin still has. */
  private Stream<Right> left(DatabaseHandover handover, String database) throws SQLException {
    List<Right> left = new ArrayList<>();
    if (isHome(database)) {
      left.addAll(handover.left(Kind.MEMBERSHIPS));
    }
    for (Kind kind :
        List.of(
            Kind.GRANTS, Kind.OWNED, Kind.DEFAULT_PRIVILEGES, Kind.POLICIES, Kind.USER_MAPPINGS)) {
      left.addAll(handover.left(kind));
    }
    return left.stream();
  }

  private static String statement(Right right, String database) {
    return statement(right.who(), database, String.join("; ", right.statements()));
  }

  private static String statement(String role, String database, String sql) {
    return "run as \"%s\" in database \"%s\": %s".formatted(role, database, sql);
  }

  private static String list(List<String> all) {
    String listed = String.join("; ", all.subList(0, Math.min(LISTED, all.size())));
    return all.size() > LISTED ? "%s; and %d more".formatted(listed, all.size() - LISTED) : listed;
  }
}
