package io.keyturn.local.secretsmanager;

import java.time.Instant;
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
    nextRotation = window.map(RotationSchedule.Window::end).orElse(null);
  }

  private Optional<RotationSchedule.Window> window(Instant from) {
    if (!isEnabled() || rules == null) {
      return Optional.empty();
    }
    return Optional.of(rules.schedule(anchor).next(from));
  }
}
