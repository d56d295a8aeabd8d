package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.util.Optional;

/**
 * Knows the minor versions of PostgreSQL in which {@code ALTER ROLE … SET role}, which alternating
 * users need, does not work.
 *
 * @see <a href="https://www.postgresql.org/support/security/CVE-2024-10978/">CVE-2024-10978, whose
 *     first fix ignored the setting</a>
 */
public enum RoleSettingSupport {
  /** A session runs as the role from its start to its end. */
  HOLDS,
  /** DISCARD ALL, which poolers run between two clients, resets it. */
  LOST_BY_DISCARD_ALL,
  /** It is ignored. */
  IGNORED;

  /** The last minor of a major version in which it is lost; the next one ignores it. */
  private static Optional<Integer> lastThatLoses(int major) {
    return switch (major) {
      case 13 -> Optional.of(16);
      case 14 -> Optional.of(13);
      case 15 -> Optional.of(8);
      case 16 -> Optional.of(4);
      case 17 -> Optional.of(0);
      default -> Optional.empty();
    };
  }

  /**
   * What this version does.
   *
   * @param version the server_version_num, such as 160004
   */
  public static RoleSettingSupport of(int version) {
    int minor = version % 10_000;
    return lastThatLoses(version / 10_000)
        .map(last -> minor <= last ? LOST_BY_DISCARD_ALL : minor == last + 1 ? IGNORED : HOLDS)
        .orElse(HOLDS);
  }

  /** Refuses a server that ignores the setting, and warns of one that may lose it. */
  public static void require(int version, UserNames names, Invocation invocation) {
    RoleSettingSupport support = of(version);
    if (support == HOLDS) {
      return;
    }
    int major = version / 10_000;
    String server = "PostgreSQL %d.%d".formatted(major, version % 10_000);
    String remedy =
        "Update the server to %d.%d or later".formatted(major, lastThatLoses(major).get() + 2);
    if (support == IGNORED) {
      throw new RotationException(
          "Nothing was changed: %s ignores ALTER ROLE \"%s\" SET role, so a session of that user would not run as \"%s\". %s, or set ROTATION_STRATEGY to single"
              .formatted(server, names.twin(), names.base(), remedy));
    }
    invocation.warn(
        "after DISCARD ALL, which poolers may run, a session of \"%s\" no longer runs as \"%s\" on %s, and \"%s\" does not own what it creates. %s"
            .formatted(names.twin(), names.base(), server, names.base(), remedy));
  }
}
