package io.keyturn.consumer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * Writes the age of the credential as a line of the log that CloudWatch turns into a metric, for an
 * alarm on overdue rotations.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html">the
 *     embedded metric format</a>
 */
final class CredentialAge {
  private static final String METRIC = "CredentialAge";
  private static final String DIMENSION = "SecretId";

  private final String namespace;
  private final String secretId;
  private final InstantSource clock;
  private final Consumer<String> lines;

  /**
   * @param lines where each line goes, which must reach the log as it is
   */
  CredentialAge(String namespace, String secretId, InstantSource clock, Consumer<String> lines) {
    this.namespace = namespace;
    this.secretId = secretId;
    this.clock = clock;
    this.lines = lines;
  }

  /**
   * @param created when the version that is AWSCURRENT was
   */
  void write(Instant created) {
    Instant now = clock.instant();
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    ObjectNode metadata = line.putObject("_aws").put("Timestamp", now.toEpochMilli());
    ObjectNode directive = metadata.putArray("CloudWatchMetrics").addObject();
    directive.put("Namespace", namespace);
    directive.putArray("Dimensions").addArray().add(DIMENSION);
    directive.putArray("Metrics").addObject().put("Name", METRIC).put("Unit", "Seconds");
    line.put(DIMENSION, secretId);
    // The service's clock may be ahead of this one's.
    line.put(METRIC, Math.max(0, Duration.between(created, now).toSeconds()));
    lines.accept(line.toString());
  }
}
