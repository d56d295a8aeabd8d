package io.keyturn.rotator;

import java.util.Map;

/** The kinds of rotation that are cut. */
enum CutScenario {
  /** The user changes its own password. */
  SINGLE_USER(false),
  /** The admin changes the password of the one user. */
  SINGLE_USER_BY_ADMIN(true),
  /** The twin does not exist yet. */
  ALTERNATING_FIRST(true),
  /** The twin is current, and the base's turn has come. */
  ALTERNATING_BACK(true),
  /** AWS's template left a twin that owns a table and was granted another. */
  ALTERNATING_AFTER_AWS(true),
  /** A new stack's secret, whose user the rotation creates. */
  FIRST_USER(true),
  /** The same, for a user without a twin. */
  FIRST_SINGLE_USER(true);

  private final boolean admin;

  CutScenario(boolean admin) {
    this.admin = admin;
  }

  boolean hasAdmin() {
    return admin;
  }

  boolean alternates() {
    return this != SINGLE_USER && this != SINGLE_USER_BY_ADMIN && this != FIRST_SINGLE_USER;
  }

  /** Whether the user is made by the rotation. */
  boolean creates() {
    return this == FIRST_USER || this == FIRST_SINGLE_USER;
  }

  Map<String, String> environment() {
    return switch (this) {
      case SINGLE_USER_BY_ADMIN -> Map.of("ROTATION_STRATEGY", "single");
      case FIRST_USER -> Map.of("CREATE_USER", "true");
      case FIRST_SINGLE_USER -> Map.of("ROTATION_STRATEGY", "single", "CREATE_USER", "true");
      default -> Map.of();
    };
  }
}
