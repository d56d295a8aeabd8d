package io.keyturn.rotator.check;

import java.util.Locale;

/** What a finding means for the next rotation. */
public enum Level {
  /** The rotation fails, and changes nothing, until this is mended. */
  BLOCKS,
  /** The rotation succeeds, but somebody should look at this. */
  WARNS,
  /** Worth knowing. */
  TELLS;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
