package io.keyturn.local.secretsmanager.schedule;

import java.time.Instant;

/** When a secret's rotation windows open and close, in UTC. */
public interface RotationSchedule {
  /** A rotation window: the service rotates at any time from its start until its end. */
  record Window(Instant start, Instant end) {}

  /** The first window that opens after this time. */
  Window next(Instant after);
}
