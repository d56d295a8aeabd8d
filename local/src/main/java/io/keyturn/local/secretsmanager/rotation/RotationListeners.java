package io.keyturn.local.secretsmanager.rotation;

import io.keyturn.local.secretsmanager.request.InternalErrors;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The listeners of rotations. One that fails stops neither the rotation nor the others. */
final class RotationListeners implements RotationListener {
  private final List<RotationListener> listeners = new CopyOnWriteArrayList<>();

  void add(RotationListener listener) {
    listeners.add(listener);
  }

  @Override
  public void stepFinished(RotationStepReport report) {
    notifyEach(listener -> listener.stepFinished(report));
  }

  @Override
  public void rotationFinished(RotationReport report) {
    notifyEach(listener -> listener.rotationFinished(report));
  }

  private void notifyEach(Consumer<RotationListener> event) {
    for (RotationListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (RuntimeException e) {
        InternalErrors.print("a RotationListener failed", e);
      }
    }
  }
}
