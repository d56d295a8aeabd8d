package io.keyturn.rotator.role;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.RotationException;

/**
 * The two names that the alternating-users strategy uses: {@code app} and {@code app_clone}, as in
 * AWS's template.
 *
 * @param base the role that owns everything, and whose settings apply to both
 * @param twin the role that logs in after every second rotation, and then runs as the base
 */
public record UserNames(String base, String twin) {
  private static final String SUFFIX = "_clone";

  /** The pair that this user belongs to. */
  public static UserNames of(DatabaseSecret secret) {
    String name = secret.username();
    String base =
        name.endsWith(SUFFIX) && name.length() > SUFFIX.length()
            ? name.substring(0, name.length() - SUFFIX.length())
            : name;
    int bytes = (base + SUFFIX).getBytes(UTF_8).length;
    if (bytes > DatabaseSecret.MAX_NAME_BYTES) {
      throw new RotationException(
          ("User \"%s\" of %s cannot alternate with \"%s\", which would have %d bytes: PostgreSQL's"
                  + " names have at most %d. Rename the user, or set ROTATION_STRATEGY to single")
              .formatted(base, secret, base + SUFFIX, bytes, DatabaseSecret.MAX_NAME_BYTES));
    }
    return new UserNames(base, base + SUFFIX);
  }

  /** Whether the name is one of the two. */
  public boolean has(String name) {
    return name.equals(base) || name.equals(twin);
  }

  /** The other one of the two. */
  public String other(String name) {
    return name.equals(base) ? twin : base;
  }
}
