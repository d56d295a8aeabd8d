package io.keyturn.rotator.invocation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What became of one step, as one line of JSON that always has the same keys, so that a query over
 * the log finds all rotations.
 *
 * <p>With a namespace the line also makes the metrics StepMilliseconds and StepFailures.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html">the
 *     embedded metric format</a>
 */
public final class StepRecord {
  private static final JsonFactory JSON = new JsonFactory();

  private String strategy;
  private String host;
  private String user;
  private int handedOver;
  private int left;

  StepRecord() {}

  /** Keeps which user the step is for. */
  public void login(String host, String user) {
    this.host = host;
    this.user = user;
  }

  /** Keeps how the secret is rotated. */
  public void strategy(String name) {
    strategy = name;
  }

  /** Counts rights that were handed over to the base. */
  public void handedOver(int rights) {
    handedOver += rights;
  }

  /** Counts rights that are left for a later rotation. */
  public void left(int rights) {
    left += rights;
  }

  /**
   * The line.
   *
   * @param failure null if the step succeeded
   * @param namespace of the metrics, if they are wanted
   */
  public String line(
      RotationEvent event,
      Instant now,
      Duration took,
      Throwable failure,
      Optional<String> namespace) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      if (namespace.isPresent()) {
        metrics(json, now, namespace.get());
      }
      json.writeStringField("type", "keyturn.rotation");
      json.writeStringField("SecretId", event.secretId());
      json.writeStringField("version", event.token());
      json.writeStringField("step", event.step().toString());
      json.writeStringField("strategy", strategy);
      json.writeStringField("host", host);
      json.writeStringField("user", user);
      json.writeStringField("outcome", failure == null ? "succeeded" : "failed");
      json.writeStringField("error", failure == null ? null : String.valueOf(failure.getMessage()));
      json.writeNumberField("StepMilliseconds", took.toMillis());
      json.writeNumberField("StepFailures", failure == null ? 0 : 1);
      json.writeNumberField("handedOver", handedOver);
      json.writeNumberField("left", left);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void metrics(JsonGenerator json, Instant now, String namespace)
      throws IOException {
    json.writeObjectFieldStart("_aws");
    json.writeNumberField("Timestamp", now.toEpochMilli());
    json.writeArrayFieldStart("CloudWatchMetrics");
    json.writeStartObject();
    json.writeStringField("Namespace", namespace);
    json.writeArrayFieldStart("Dimensions");
    json.writeStartArray();
    json.writeString("SecretId");
    json.writeEndArray();
    json.writeEndArray();
    json.writeArrayFieldStart("Metrics");
    metric(json, "StepMilliseconds", "Milliseconds");
    metric(json, "StepFailures", "Count");
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void metric(JsonGenerator json, String name, String unit) throws IOException {
    json.writeStartObject();
    json.writeStringField("Name", name);
    json.writeStringField("Unit", unit);
    json.writeEndObject();
  }
}
