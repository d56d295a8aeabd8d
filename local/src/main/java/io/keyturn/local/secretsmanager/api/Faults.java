package io.keyturn.local.secretsmanager.api;

import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Authorizer;
import io.keyturn.local.support.LocalAccount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Faults to inject into the next requests, for tests of callers. */
public final class Faults {
  /** Stands for every operation. */
  public static final String ANY = "*";

  private static final String PRINCIPAL = LocalAccount.globalArn("sts", "assumed-role/local/local");

  enum Kind {
    THROTTLE,
    INTERNAL_ERROR,
    DROP_CONNECTION,
    DROP_ANSWER,
    DELAY
  }

  /** What happens to one request. */
  record Fault(Kind kind, Duration delay) {}

  /** Requests of an operation that name this staging label. */
  private record Denial(String operation, String versionStage) {}

  private static final class Planned {
    private final String operation;
    private final Fault fault;
    private int left;

    Planned(String operation, Fault fault, int left) {
      this.operation = operation;
      this.fault = fault;
      this.left = left;
    }
  }

  private final List<Planned> planned = new ArrayList<>();
  private final Set<Denial> denials = new HashSet<>();

  public Faults() {}

  /** Answers the next requests with ThrottlingException without executing them. */
  public void throttle(String operation, int requests) {
    plan(operation, requests, new Fault(Kind.THROTTLE, Duration.ZERO));
  }

  /** Answers the next requests with InternalServiceError (500) without executing them. */
  public void failInternally(String operation, int requests) {
    plan(operation, requests, new Fault(Kind.INTERNAL_ERROR, Duration.ZERO));
  }

  /** Closes the connection of the next requests without executing them. */
  public void dropConnection(String operation, int requests) {
    plan(operation, requests, new Fault(Kind.DROP_CONNECTION, Duration.ZERO));
  }

  /** Executes the next requests and closes their connections without an answer. */
  public void dropAnswer(String operation, int requests) {
    plan(operation, requests, new Fault(Kind.DROP_ANSWER, Duration.ZERO));
  }

  /** Executes the next requests after this real time. */
  public void delay(String operation, int requests, Duration by) {
    plan(operation, requests, new Fault(Kind.DELAY, by));
  }

  /**
   * Answers every request of the operation that names this staging label with
   * AccessDeniedException, as if no policy of the caller allowed it, until {@link #clear()}.
   */
  public synchronized void deny(String operation, String versionStage) {
    denials.add(new Denial(operation, versionStage));
  }

  /** Removes every fault that has not happened yet, and every denial. */
  public synchronized void clear() {
    planned.clear();
    denials.clear();
  }

  /**
   * Returns an authorizer that denies what this authorizer denies and what is {@linkplain #deny
   * denied} here.
   */
  public Authorizer denying(Authorizer others) {
    return (accessKeyId, access) ->
        denies(access)
            ? Optional.of(Authorizer.Denial.notAllowed(PRINCIPAL, access.action()))
            : others.denial(accessKeyId, access);
  }

  private synchronized boolean denies(Access access) {
    return denials.stream()
        .anyMatch(
            denial ->
                access.action().equals("secretsmanager:" + denial.operation())
                    && access.values(Access.VERSION_STAGE).contains(denial.versionStage()));
  }

  private synchronized void plan(String operation, int requests, Fault fault) {
    if (requests < 1) {
      throw new IllegalArgumentException("A fault concerns at least one request: " + requests);
    }
    planned.add(new Planned(operation, fault, requests));
  }

  /** The fault that was planned first for this request's operation, if any. */
  synchronized Optional<Fault> next(String operation) {
    for (Iterator<Planned> all = planned.iterator(); all.hasNext(); ) {
      Planned plan = all.next();
      if (plan.operation.equals(ANY) || plan.operation.equals(operation)) {
        plan.left--;
        if (plan.left == 0) {
          all.remove();
        }
        return Optional.of(plan.fault);
      }
    }
    return Optional.empty();
  }
}
