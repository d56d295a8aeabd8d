package io.keyturn.local;

/** How a secret is rotated. */
public enum Strategy {
  /** The user changes its own password; the old one stops working at once. */
  SINGLE;

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
