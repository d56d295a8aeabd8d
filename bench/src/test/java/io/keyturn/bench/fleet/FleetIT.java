package io.keyturn.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.Strategy;
import io.keyturn.local.lambda.LogSink;
import io.keyturn.local.secretsmanager.Quotas;
import io.keyturn.local.secretsmanager.Quotas.Quota;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("slow")
@Timeout(120)
class FleetIT {
  private static final int SECRETS = 4;

  /** Far below what two environments ask for, so that they are throttled. */
  private static final Quotas FEW_WRITES =
      Quotas.of(List.of(Quota.of(1, "PutSecretValue", "UpdateSecretVersionStage")));

  @Test
  void aThrottledFleetRotatesWholly() throws Exception {
    FleetPlan plan =
        new FleetPlan(
            Path.of("../sam/template.yaml"),
            Strategy.ALTERNATING,
            SECRETS,
            2,
            2,
            FEW_WRITES,
            1000,
            20,
            SECRETS,
            1,
            LogSink.discard());
    WindowReport report;
    try (Fleet fleet = Fleet.start(plan, line -> {})) {
      report = fleet.window();
    }

    assertThat(report.problems()).isEmpty();
    assertThat(report.succeeded()).isTrue();
    assertThat(report.rotations()).isEqualTo(SECRETS);
    assertThat(report.throttled()).as("requests that were throttled").isPositive();
    // testSecret has a session of each user at once, setSecret that of the admin.
    assertThat(report.mostConnections()).isBetween(1, 2 * 2);
    assertThat(report.coldStarts()).isEqualTo(2);
    // 3 by createSecret, 4 by setSecret, 3 by testSecret and 2 by finishSecret; more where a step
    // was throttled for so long that the service called it again.
    assertThat(report.answered()).isGreaterThanOrEqualTo(SECRETS * 12L);
  }
}
