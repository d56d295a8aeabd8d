package io.keyturn.local.secretsmanager;

import java.util.function.Consumer;

/** Hears of rotations as they run; called on the rotation's own thread. */
public interface RotationListener {
  /** A call of the function has ended; also called for the test of RotateImmediately=false. */
  default void stepFinished(RotationStepReport report) {}

  /** A rotation has succeeded, or was given up or cancelled. */
  default void rotationFinished(RotationReport report) {}

  /** One that hears only how rotations end. */
  static RotationListener ofEnds(Consumer<RotationReport> told) {
    return new RotationListener() {
      @Override
      public void rotationFinished(RotationReport report) {
        told.accept(report);
      }
    };
  }
}
