package io.keyturn.local.rehearsal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What happened when during a rehearsal, in milliseconds since its start. */
public final class Timeline {
  private final long origin = System.nanoTime();
  private final List<Query> queries = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Current> currents = new ArrayList<>();

  /** A query, and what was wrong with it, or null. */
  record Query(long start, long took, String problem) {}

  /** A call of the rotation function, and its error, or null. */
  record Step(String secret, String step, long start, long took, String error) {}

  /** The version and user that a secret has had as AWSCURRENT since. */
  record Current(String secret, String version, String user, long since) {}

  private long millisAgo(Duration took) {
    return (System.nanoTime() - origin) / 1_000_000 - took.toMillis();
  }

  /** Records a query that has just ended. */
  synchronized void query(Duration took, String problem) {
    queries.add(new Query(millisAgo(took), took.toMillis(), problem));
  }

  /** Records a step that has just ended. */
  synchronized void step(String secret, String step, Duration took, String error) {
    steps.add(new Step(secret, step, millisAgo(took), took.toMillis(), error));
  }

  /** Records what has just become current. */
  synchronized void current(String secret, String version, String user) {
    currents.add(new Current(secret, version, user, millisAgo(Duration.ZERO)));
  }

  synchronized List<Query> queries() {
    return List.copyOf(queries);
  }

  synchronized List<Step> steps() {
    return List.copyOf(steps);
  }

  synchronized List<Current> currents() {
    return List.copyOf(currents);
  }
}
