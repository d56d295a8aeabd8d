package io.keyturn.rotator.check;

import java.util.Locale;

/** What a finding is about. docs/check.md explains each. */
public enum Code {
  SECRET,
  DELETED,
  MANAGED,
  ROTATION_OFF,
  UNFINISHED,
  STRATEGY,
  ADMIN,
  LOGIN,
  RIGHTS,
  PAIR,
  SERVER_VERSION,
  READ_ONLY_SERVER,
  LIMITS,
  ATTRIBUTES,
  SETTINGS,
  HANDOVER,
  BUSY,
  SESSION_USER,
  NEW_ROLE,
  NEW_USER,
  WARNING;

  /** As in the report, such as "rotation-off". */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
