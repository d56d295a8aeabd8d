package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import java.util.Locale;

/** Chooses how a secret is rotated. */
final class Strategies {
  /** ROTATION_STRATEGY. */
  enum Choice {
    /**
     * Alternating users where the secret names an admin's secret ({@code masterarn}), a single user
     * otherwise.
     */
    AUTO,
    SINGLE,
    ALTERNATING;

    static Choice of(String name) {
      for (Choice choice : values()) {
        if (choice.toString().equals(name.strip().toLowerCase(Locale.ROOT))) {
          return choice;
        }
      }
      throw new IllegalArgumentException(
          "ROTATION_STRATEGY is \"" + name + "\", but must be auto, single or alternating");
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Choice choice;
  private final Strategy single;
  private final Strategy singleByAdmin;
  private final Strategy alternating;

  Strategies(Choice choice, Strategy single, Strategy singleByAdmin, Strategy alternating) {
    this.choice = choice;
    this.single = single;
    this.singleByAdmin = singleByAdmin;
    this.alternating = alternating;
  }

  Strategy of(DatabaseSecret secret) {
    boolean hasAdmin = secret.adminSecretId().isPresent();
    return switch (choice) {
      case AUTO -> hasAdmin ? alternating : single;
      case SINGLE -> hasAdmin ? singleByAdmin : single;
      case ALTERNATING -> {
        if (!hasAdmin) {
          throw new RotationException(
              "ROTATION_STRATEGY is alternating, but "
                  + secret
                  + " names no admin: add the key \"masterarn\" with the ARN of the admin's secret");
        }
        yield alternating;
      }
    };
  }
}
