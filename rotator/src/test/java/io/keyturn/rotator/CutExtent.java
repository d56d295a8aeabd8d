package io.keyturn.rotator;

import java.util.Locale;

/** How much of all that can disturb a rotation is run; the system property keyturn.cuts says. */
enum CutExtent {
  KILLS,
  ALL,
  TWICE;

  static final CutExtent CHOSEN =
      valueOf(System.getProperty("keyturn.cuts", "kills").toUpperCase(Locale.ROOT));
}
