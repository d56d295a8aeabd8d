package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.rds.RdsHost;
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
    ALTERNATING,
    /** Not a database's secret: see {@link GeneratedValue}. */
    GENERATED;

    static Choice of(String name) {
      for (Choice choice : values()) {
        if (choice.toString().equals(name.strip().toLowerCase(Locale.ROOT))) {
          return choice;
        }
      }
      throw new IllegalArgumentException(
          "ROTATION_STRATEGY is \"%s\", but must be auto, single, alternating or generated"
              .formatted(name));
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

  /**
   * The strategy for this secret.
   *
   * @throws RotationException if it cannot be rotated as it is
   */
  Strategy of(DatabaseSecret secret) {
    refuseProxy(secret);
    boolean hasAdmin = secret.adminSecretId().isPresent();
    return switch (choice) {
      case GENERATED -> throw new IllegalStateException("Not a database's secret");
      case AUTO -> hasAdmin ? alternating : single;
      case SINGLE -> hasAdmin ? singleByAdmin : single;
      case ALTERNATING -> {
        if (!hasAdmin) {
          throw new RotationException(
              "ROTATION_STRATEGY is alternating, but %s names no admin: add the key \"masterarn\" with the ARN of the admin's secret"
                  .formatted(secret));
        }
        yield alternating;
      }
    };
  }

  /** RDS Proxy lets in only the user and password that AWSCURRENT has, so no new password works. */
  private static void refuseProxy(DatabaseSecret secret) {
    if (new RdsHost(secret.host()).namesProxy()) {
      throw new RotationException(
          ("Nothing was changed: key \"host\" of %s is %s, an endpoint of RDS Proxy, which lets in"
                  + " only the login of AWSCURRENT. Put the endpoint of the instance or of the cluster"
                  + " into \"host\": the proxy reads only user and password from the secret. Give the"
                  + " proxy's endpoint to its clients by other means, such as another key of the"
                  + " secret")
              .formatted(secret, secret.host()));
    }
  }
}
