package io.keyturn.local.secretsmanager;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Everyone who hears of rotations; one that fails keeps neither the rotation nor the others. */
final class RotationListeners implements RotationListener {
  private final List<RotationListener> listeners = new CopyOnWriteArrayList<>();

  void add(RotationListener listener) {
    listeners.add(listener);
  }

  @Override
  public void stepFinished(RotationStepReport report) {
    tell(listener -> listener.stepFinished(report));
  }

  @Override
  public void rotationFinished(RotationReport report) {
    tell(listener -> listener.rotationFinished(report));
  }

  private void tell(Consumer<RotationListener> news) {
    for (RotationListener listener : listeners) {
      try {
        news.accept(listener);
      } catch (RuntimeException e) {
        Bugs.print("a RotationListener failed", e);
      }
    }
  }
}
