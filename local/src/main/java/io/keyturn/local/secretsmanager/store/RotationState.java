package io.keyturn.local.secretsmanager.store;

import io.keyturn.local.secretsmanager.schedule.RotationRules;
import io.keyturn.local.secretsmanager.schedule.RotationSchedule;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** The configuration of a secret's rotation and the dates of its last and next one. */
public final class RotationState {
  private Boolean enabled;
  private String functionArn;
  private RotationRules rules;
  private Instant anchor;
  private Instant lastRotated;
  private Instant nextRotation;
  private Instant due;
  private Long daysBetween;

  /** Absent in a secret whose rotation was never configured. */
  public Optional<Boolean> enabled() {
    return Optional.ofNullable(enabled);
  }

  public boolean isEnabled() {
    return Boolean.TRUE.equals(enabled);
  }

  public Optional<String> functionArn() {
    return Optional.ofNullable(functionArn);
  }

  public Optional<RotationRules> rules() {
    return Optional.ofNullable(rules);
  }

  public Optional<Instant> lastRotated() {
    return Optional.ofNullable(lastRotated);
  }

  /** The end of the window in which the next rotation is to happen. */
  public Optional<Instant> nextRotation() {
    return Optional.ofNullable(nextRotation);
  }

  /** When the scheduler starts the next rotation. */
  public Optional<Instant> due() {
    return Optional.ofNullable(due);
  }

  /** Turns rotation on; rules left out are the ones stored before. */
  public void configure(String newFunctionArn, Optional<RotationRules> newRules, Instant now) {
    enabled = true;
    functionArn = newFunctionArn;
    newRules.ifPresent(
        changed -> {
          rules = changed;
          anchor = now;
          daysBetween = null;
        });
    plan(now);
  }

  public void disable() {
    // A secret that was never configured stays so.
    if (enabled != null) {
      enabled = false;
    }
    due = null;
    nextRotation = null;
  }

  public void succeeded(Instant now) {
    lastRotated = now;
    plan(now);
    daysBetween =
        window(now)
            .map(next -> Duration.between(next.start(), window(next.start()).orElseThrow().start()))
            .map(Duration::toDays)
            .filter(days -> days > 0)
            .orElse(null);
  }

  /** AutomaticallyAfterDays, which the service calculates from an expression at each success. */
  public Optional<Long> daysBetween() {
    return rules()
        .flatMap(set -> set.countsDays() ? Optional.empty() : Optional.ofNullable(daysBetween));
  }

  /**
   * Looks for the next date after a rotation that was given up. The date in answers stays in the
   * past, which is how the service shows that a rotation did not succeed.
   */
  public void failed(Instant now) {
    window(now).ifPresent(window -> due = window.start());
  }

  /** A value put by hand counts as a rotation where the rules count days. */
  public void valueReplaced(Instant now) {
    if (isEnabled() && rules != null && rules.countsDays()) {
      plan(now);
    }
  }

  private void plan(Instant from) {
    Optional<RotationSchedule.Window> window = window(from);
    due = window.map(RotationSchedule.Window::start).orElse(null);
    nextRotation = window.map(RotationState::lastInstant).orElse(null);
  }

  /** The service ends a window that lasts until the day's end within that day. */
  private static Instant lastInstant(RotationSchedule.Window window) {
    boolean untilMidnight = window.end().equals(window.end().truncatedTo(ChronoUnit.DAYS));
    return untilMidnight ? window.end().minusSeconds(1) : window.end();
  }

  private Optional<RotationSchedule.Window> window(Instant from) {
    if (!isEnabled() || rules == null) {
      return Optional.empty();
    }
    return Optional.of(rules.schedule(anchor).next(from));
  }
}
