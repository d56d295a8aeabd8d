package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.datasource.RotatingSecret;
import io.keyturn.testing.TestSecretsManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A secret that was made just now, and a function whose clock is days later. */
class CredentialAgeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestSecretsManager service = new TestSecretsManager();
  private final String arn = service.createSecret("a value of seven words or so");
  private final List<String> lines = new ArrayList<>();

  @AfterEach
  void close() {
    service.close();
  }

  /** Reads the secret at a clock that is this much ahead of the service's. */
  private JsonNode lineAfter(Duration ahead) throws Exception {
    try (RotatingSecret secret = RotatingSecret.of(arn, service.client())) {
      Clock clock = Clock.offset(Clock.systemUTC(), ahead);
      CredentialAge age = new CredentialAge("Shop/Database", arn, clock, lines::add);
      secret.onCurrentRead(age::write);
      secret.current();
    }
    assertThat(lines).hasSize(1);
    return JSON.readTree(lines.get(0));
  }

  @Test
  void isWrittenInTheEmbeddedMetricFormat() throws Exception {
    JsonNode line = lineAfter(Duration.ofDays(40));

    Instant written = Instant.ofEpochMilli(line.at("/_aws/Timestamp").longValue());
    assertThat(written)
        .isBetween(
            Instant.now().plus(Duration.ofDays(40)).minus(MINUTE),
            Instant.now().plus(Duration.ofDays(40)));
    long seconds = line.get("CredentialAge").longValue();
    assertThat(Duration.ofSeconds(seconds))
        .isBetween(Duration.ofDays(40), Duration.ofDays(40).plus(MINUTE));
    assertThat(line)
        .isEqualTo(
            JSON.readTree(
                """
                {"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{
                   "Namespace":"Shop/Database","Dimensions":[["SecretId"]],
                   "Metrics":[{"Name":"CredentialAge","Unit":"Seconds"}]}]},
                 "SecretId":"%s","CredentialAge":%d}"""
                    .formatted(written.toEpochMilli(), arn, seconds)));
  }

  @Test
  void isNeverNegative() throws Exception {
    assertThat(lineAfter(Duration.ofDays(-1)).get("CredentialAge").longValue()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Keyturn", "Shop/Prod Database", "a.b-c_d/e#f:g 1"})
  void takesTheNamespacesThatCloudWatchTakes(String namespace) {
    assertThat(settings(namespace).metricNamespace()).contains(namespace);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AWS/Lambda", ":a", "caf\u00e9", "a\nb", "a\"b"})
  void refusesTheOthersAtOnce(String namespace) {
    assertThatThrownBy(() -> settings(namespace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("METRIC_NAMESPACE", namespace);
  }

  private static Settings settings(String namespace) {
    return Settings.of(Map.of("SECRET_ID", "s", "METRIC_NAMESPACE", namespace));
  }
}
