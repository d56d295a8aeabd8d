package io.keyturn.local.stack;

import java.util.Locale;

/** How the rehearsed secret is rotated. */
public enum Strategy {
  /**
   * Two users take turns, and an admin changes their passwords: the current login works at every
   * instant.
   */
  ALTERNATING,
  /** The user changes its own password; the old one stops working at once. */
  SINGLE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
