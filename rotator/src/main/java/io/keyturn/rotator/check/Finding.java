package io.keyturn.rotator.check;

import java.util.List;

/**
 * One thing that a check found out.
 *
 * @param reason a sentence
 * @param details what led to it, such as the server's reason for each refused login
 * @param remedy the statement or command that mends it; null if the reason says what to do
 */
public record Finding(Level level, Code code, String reason, List<String> details, String remedy) {
  @Override
  public String toString() {
    return "%s (%s): %s%s%s"
        .formatted(
            level,
            code,
            reason,
            details.isEmpty() ? "" : " [%s]".formatted(String.join("; ", details)),
            remedy == null ? "" : ". Run: " + remedy);
  }
}
