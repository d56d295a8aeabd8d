package io.keyturn.local.rehearsal;

/** Shows how far a rehearsal has come while it runs. */
public interface Progress extends AutoCloseable {
  /** Shows an event in a line. */
  void say(String line);

  /** A rotation ended. */
  void rotated(RotationRow row);

  @Override
  void close();
}
