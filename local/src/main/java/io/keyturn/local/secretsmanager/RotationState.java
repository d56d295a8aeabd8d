package io.keyturn.local.secretsmanager;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** The configuration of a secret's rotation and the dates of its last and next one. */
final class RotationState {
  private Boolean enabled;
  private String functionArn;
  private RotationRules rules;
  private Instant anchor;
  private Instant lastRotated;
  private Instant nextRotation;
  private Instant due;
  private Long daysBetween;

  /** Absent in a secret whose rotation was never configured. */
  Optional<Boolean> enabled() {
    return Optional.ofNullable(enabled);
  }

  boolean isEnabled() {
    return Boolean.TRUE.equals(enabled);
  }

  Optional<String> functionArn() {
    return Optional.ofNullable(functionArn);
  }

  Optional<RotationRules> rules() {
    return Optional.ofNullable(rules);
  }

  Optional<Instant> lastRotated() {
    return Optional.ofNullable(lastRotated);
  }

  /** The end of the window in which the next rotation is to happen. */
  Optional<Instant> nextRotation() {
    return Optional.ofNullable(nextRotation);
  }

  /** When the scheduler starts the next rotation. */
  Optional<Instant> due() {
    return Optional.ofNullable(due);
  }

  /** Turns rotation on; rules left out are the ones stored before. */
  void configure(String newFunctionArn, Optional<RotationRules> newRules, Instant now) {
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

  void disable() {
    // A secret that was never configured stays so.
    if (enabled != null) {
      enabled = false;
    }
    due = null;
    nextRotation = null;
  }

  void succeeded(Instant now) {
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
  Optional<Long> daysBetween() {
    return rules()
        .flatMap(set -> set.countsDays() ? Optional.empty() : Optional.ofNullable(daysBetween));
  }

  /**
   * Looks for the next date after a rotation that was given up. The date in answers stays in the
   * past, which is how the service shows that a rotation did not succeed.
   */
  void failed(Instant now) {
    window(now).ifPresent(window -> due = window.start());
  }

  /** A value put by hand counts as a rotation where the rules count days. */
  void valueReplaced(Instant now) {
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
