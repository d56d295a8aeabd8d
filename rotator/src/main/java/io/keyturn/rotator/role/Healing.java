package io.keyturn.rotator.role;

import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.Pause;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.Belongings.Belonging;
import io.keyturn.rotator.role.Belongings.Kind;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Hands over to the base what belongs or was granted to the twin: from before Keyturn, when AWS's
 * template let the twin own what it made, or since, when somebody made a grant to the twin.
 *
 * <p>No other session waits for it longer than a moment: what is in use is tried a few times, and
 * then left for the next rotation, shared until then.
 */
public final class Healing {
  /** How often an object is tried whose lock somebody else holds. */
  private static final int TRIES = 3;

  private static final Duration PAUSE = Duration.ofMillis(200);

  /** How long objects are tried before the rest is left: there may be thousands. */
  private static final Duration LOCKING = Duration.ofSeconds(10);

  /** How many of those left a message names, each with its statement. */
  private static final int TOLD = 50;

  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final Logins logins;
  private final UserNames names;
  private final Invocation invocation;

  /** The logins that healing takes, each to the database of a name. */
  public interface Logins {
    /** The database that the admin's secret names. */
    String home();

    Session admin(String database) throws SQLException;

    /** The twin, a member of the base, which may hand over what is its own. */
    Session twin(String database) throws SQLException;
  }

  public Healing(Logins logins, UserNames names, Invocation invocation) {
    this.logins = logins;
    this.names = names;
    this.invocation = invocation;
  }

  /**
   * Prepares a twin that is current, and still runs as itself, for running as the base.
   *
   * @throws RotationException if it could then do less than now
   */
  public void beforeItRunsAsTheBase(List<String> databases) throws SQLException {
    List<String> lacking = new ArrayList<>();
    List<String> remedies = new ArrayList<>();
    for (String database : homeFirst(databases)) {
      try (Session admin = admin(database);
          Handover handover = handover(admin, database)) {
        handOver(handover, database, invocation.deadline());
        // Those that cannot be taken from the twin.
        handover.give(Belongings::grants, handover.left(Belongings::grants));
        List<Belonging> unshared = handover.left(Belongings::unshared);
        List<String> facts = new ArrayList<>(handover.lacking(names.twin(), names.base()));
        facts.addAll(unshared.stream().map(Belonging::give).toList());
        if (!facts.isEmpty()) {
          String where = " (database \"" + database + "\")";
          facts.forEach(fact -> lacking.add(fact + where));
          left(handover, database)
              .filter(b -> b.give() != null)
              .forEach(b -> remedies.add(told(b, database)));
        }
      }
    }
    if (!lacking.isEmpty()) {
      throw new RotationException(
          "AWSCURRENT stays \"%s\", which may do what \"%s\" may not: %s. Of what it has, nothing was lost. Where another session holds a lock, such as an older rotation of this secret, a later attempt succeeds by itself. Otherwise rotate again after: %s"
              .formatted(names.twin(), names.base(), some(lacking), some(remedies)));
    }
  }

  /** Hands over what is left, and tells what stays so. */
  public void run(List<String> databases) throws SQLException {
    // The current login does without all of this, so that it is no reason to fail.
    Deadline end = Deadline.in(invocation.deadline().remaining().dividedBy(2));
    for (String database : homeFirst(databases)) {
      try (Session admin = admin(database);
          Handover handover = handover(admin, database)) {
        handOver(handover, database, end);
        List<String> left = left(handover, database).map(b -> told(b, database)).toList();
        if (!left.isEmpty()) {
          invocation.warn(
              "what \"%s\" has could not all be handed over to \"%s\": %s"
                  .formatted(names.twin(), names.base(), some(left)));
        }
      } catch (SQLException e) {
        if (PostgresLogin.isLost(e) || PostgresLogin.isBusy(e)) {
          throw e;
        }
        invocation.warn(
            "database \"%s\" was not healed, so what \"%s\" owns or was granted there is not \"%s\"'s: %s"
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

  private Handover handover(Session admin, String database) {
    return new Handover(
        admin, () -> logins.twin(database), names, invocation, database, isHome(database));
  }

  /** What is in no database is handed over in that one, and may be needed in all. */
  private List<String> homeFirst(List<String> databases) {
    return databases.stream().sorted(Comparator.comparing(d -> !isHome(d))).toList();
  }

  private boolean isHome(String database) {
    return database.equals(logins.home());
  }

  private void handOver(Handover handover, String database, Deadline end) throws SQLException {
    if (isHome(database)) {
      handover.handOver(Belongings::memberships, handover.left(Belongings::memberships), end);
    }
    // First, since they may be what lets the base own things.
    patiently(handover, Belongings::grants, end);
    patiently(handover, Belongings::owned, locking(end));
    handover.handOver(Belongings::ownedTogether, handover.left(Belongings::ownedTogether), end);
    handover.give(Belongings::unshared, handover.left(Belongings::unshared));
    handover.handOver(
        Belongings::defaultPrivileges, handover.left(Belongings::defaultPrivileges), end);
    patiently(handover, Belongings::policies, locking(end));
  }

  private static Deadline locking(Deadline end) {
    Duration third = end.remaining().dividedBy(3);
    return Deadline.in(third.compareTo(LOCKING) < 0 ? third : LOCKING);
  }

  /** Tries again those on which another session holds a lock. */
  private void patiently(Handover handover, Kind kind, Deadline end) throws SQLException {
    List<Belonging> busy = handover.handOver(kind, handover.left(kind), end);
    for (int tries = 1; tries < TRIES && !busy.isEmpty(); tries++) {
      Pause.of(invocation.deadline(), PAUSE, new SQLException("No time is left to try again"));
      busy = handover.handOver(kind, busy, end);
    }
  }

  /** All that is not the base's yet. */
  private Stream<Belonging> left(Handover handover, String database) throws SQLException {
    List<Belonging> left = new ArrayList<>();
    if (isHome(database)) {
      left.addAll(handover.left(Belongings::memberships));
    }
    for (Kind kind :
        List.<Kind>of(
            Belongings::grants,
            Belongings::owned,
            Belongings::defaultPrivileges,
            Belongings::policies,
            Belongings::userMappings)) {
      left.addAll(handover.left(kind));
    }
    return left.stream();
  }

  private static String told(Belonging belonging, String database) {
    return "run as \"%s\" in database \"%s\": %s"
        .formatted(belonging.who(), database, String.join("; ", belonging.statements()));
  }

  private static String some(List<String> all) {
    String some = String.join("; ", all.subList(0, Math.min(TOLD, all.size())));
    return all.size() > TOLD ? some + "; and " + (all.size() - TOLD) + " more" : some;
  }
}
