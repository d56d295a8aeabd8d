package io.keyturn.rotator.role;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.RotationException;

/**
 * The two names between which the alternating-users strategy changes: {@code app} and {@code
 * app_clone}, as AWS's template names them.
 *
 * @param base the role that owns everything, and whose settings are the ones that count
 * @param twin the role that logs in every other time, and then runs as the base
 */
public record UserNames(String base, String twin) {
  private static final String SUFFIX = "_clone";

  /** The pair that this user is one of. */
  public static UserNames of(DatabaseSecret secret) {
    String name = secret.username();
    String base =
        name.endsWith(SUFFIX) && name.length() > SUFFIX.length()
            ? name.substring(0, name.length() - SUFFIX.length())
            : name;
    int bytes = (base + SUFFIX).getBytes(UTF_8).length;
    if (bytes > DatabaseSecret.MAX_NAME_BYTES) {
      throw new RotationException(
          "User \""
              + base
              + "\" of "
              + secret
              + " cannot alternate with \""
              + base
              + SUFFIX
              + "\", which would have "
              + bytes
              + " bytes: PostgreSQL's names have at most "
              + DatabaseSecret.MAX_NAME_BYTES
              + ". Rename the user, or set ROTATION_STRATEGY to single");
    }
    return new UserNames(base, base + SUFFIX);
  }

  /** Whether this is the name of one of the two. */
  public boolean has(String name) {
    return name.equals(base) || name.equals(twin);
  }

  /** The other one of the two. */
  public String other(String name) {
    return name.equals(base) ? twin : base;
  }
}
