package io.keyturn.local.rehearsal;

/** Shows the progress of a rehearsal. */
public interface Progress extends AutoCloseable {
  /** Shows a line. */
  void say(String line);

  /** A rotation ended. */
  void rotated(RotationRow row);

  @Override
  void close();
}
