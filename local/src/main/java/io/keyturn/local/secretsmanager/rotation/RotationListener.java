package io.keyturn.local.secretsmanager.rotation;

import java.util.function.Consumer;

/** Observes rotations. It is called on the thread of the rotation. */
public interface RotationListener {
  /** A call of the function has ended; also called for the test of RotateImmediately=false. */
  default void stepFinished(RotationStepReport report) {}

  /** A rotation has succeeded, or was given up or cancelled. */
  default void rotationFinished(RotationReport report) {}

  /** Returns a listener that receives only the ends of rotations. */
  static RotationListener ofEnds(Consumer<RotationReport> receiver) {
    return new RotationListener() {
      @Override
      public void rotationFinished(RotationReport report) {
        receiver.accept(report);
      }
    };
  }
}
