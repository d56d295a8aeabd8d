package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keyturn.local.secretsmanager.api.Faults;
import io.keyturn.local.secretsmanager.api.RequestLog;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.InternalServiceErrorException;

class FaultsTest {
  private final Fixture fixture = new Fixture();

  @BeforeEach
  void createSecret() {
    fixture.create("db", "one");
    fixture.manager.requests().clear();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private SecretsManagerClient retrying() {
    return fixture.client(
        AwsRetryStrategy.standardRetryStrategy().toBuilder()
            .maxAttempts(4)
            .backoffStrategy(BackoffStrategy.retryImmediately())
            .throttlingBackoffStrategy(BackoffStrategy.retryImmediately())
            .build());
  }

  private static RequestLog.Entry entry(String operation, String secretId) {
    return new RequestLog.Entry(
        "test", operation, Optional.ofNullable(secretId), Optional.empty(), Optional.empty());
  }

  @Test
  void theNextRequestsOfAnOperationAreThrottled() {
    fixture.manager.faults().throttle("GetSecretValue", 2);

    fixture.client.describeSecret(r -> r.secretId("db"));
    for (int i = 0; i < 2; i++) {
      assertError("ThrottlingException", "Rate exceeded", () -> fixture.value("db"));
    }

    assertThat(fixture.value("db")).isEqualTo("one");
  }

  @Test
  void theSdkRetriesWhatIsThrottled() {
    fixture.manager.faults().throttle("GetSecretValue", 2);
    try (SecretsManagerClient client = retrying()) {
      assertThat(client.getSecretValue(r -> r.secretId("db")).secretString()).isEqualTo("one");
    }

    assertThat(fixture.manager.requests().all())
        .extracting(RequestLog.Entry::error)
        .containsExactly(
            Optional.of("ThrottlingException"),
            Optional.of("ThrottlingException"),
            Optional.empty());
  }

  @Test
  void anInternalErrorIsA500OfAnyOperation() {
    fixture.manager.faults().failInternally(Faults.ANY, 1);

    InternalServiceErrorException error =
        catchThrowableOfType(
            InternalServiceErrorException.class,
            () -> fixture.client.describeSecret(r -> r.secretId("db")));

    assertThat(error.statusCode()).isEqualTo(500);
    fixture.client.describeSecret(r -> r.secretId("db"));
  }

  @Test
  void aDroppedConnectionDoesNothing() {
    // The JDK's client sends a request once more by itself if a kept connection breaks.
    fixture.manager.faults().dropConnection("PutSecretValue", 2);

    assertThatThrownBy(() -> fixture.put("db", "two")).isInstanceOf(SdkClientException.class);

    assertThat(fixture.value("db")).isEqualTo("one");
    assertThat(fixture.manager.requests().all().get(0).error()).contains(RequestLog.DROPPED);
  }

  @Test
  void aDroppedAnswerHasDoneTheWork() {
    fixture.manager.faults().dropAnswer("PutSecretValue", 2);

    assertThatThrownBy(() -> fixture.put("db", "two")).isInstanceOf(SdkClientException.class);

    fixture.manager.faults().clear();
    assertThat(fixture.value("db")).isEqualTo("two");
  }

  @Test
  void aRetryAfterADroppedAnswerMakesNoSecondVersion() {
    fixture.manager.faults().dropAnswer("PutSecretValue", 1);
    try (SecretsManagerClient client = retrying()) {
      client.putSecretValue(r -> r.secretId("db").secretString("two"));
    }

    assertThat(fixture.manager.requests().count("PutSecretValue")).isEqualTo(2);
    assertThat(fixture.labels("db")).hasSize(2);
    assertThat(fixture.value("db", "AWSPREVIOUS")).isEqualTo("one");
  }

  @Test
  void aDelayedRequestTakesItsTime() {
    fixture.manager.faults().delay("GetSecretValue", 1, Duration.ofMillis(150));
    long start = System.nanoTime();

    assertThat(fixture.value("db")).isEqualTo("one");

    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Duration.ofMillis(150));
  }

  @Test
  void faultsHappenInTheOrderInWhichTheyWerePlanned() {
    fixture.manager.faults().throttle("GetSecretValue", 1);
    fixture.manager.faults().failInternally("GetSecretValue", 1);

    assertError("ThrottlingException", "Rate exceeded", () -> fixture.value("db"));
    assertThatThrownBy(() -> fixture.value("db")).isInstanceOf(InternalServiceErrorException.class);
  }

  @Test
  void whatIsDeniedIsOneLabelOfOneOperationUntilItIsCleared() {
    fixture.put("db", "two", "AWSPENDING");
    String arn = fixture.client.describeSecret(r -> r.secretId("db")).arn();
    fixture.manager.faults().deny("GetSecretValue", "AWSPENDING");

    for (int i = 0; i < 2; i++) {
      assertError(
          "AccessDeniedException",
          "User: arn:aws:sts::000000000000:assumed-role/local/local is not authorized to perform:"
              + " secretsmanager:GetSecretValue on resource: "
              + arn
              + " because no identity-based policy"
              + " allows the secretsmanager:GetSecretValue action",
          () -> fixture.value("db", "AWSPENDING"));
    }
    assertThat(fixture.value("db", "AWSCURRENT")).isEqualTo("one");
    assertThat(fixture.value("db")).isEqualTo("one");

    fixture.manager.faults().clear();
    assertThat(fixture.value("db", "AWSPENDING")).isEqualTo("two");
  }

  @Test
  void aFaultConcernsAtLeastOneRequest() {
    assertThatThrownBy(() -> fixture.manager.faults().throttle("GetSecretValue", 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLogHasEveryRequestAndNoValue() {
    String arn = fixture.client.describeSecret(r -> r.secretId("db")).arn();
    fixture.put("db", "very secret");
    fixture.value(arn);
    fixture.value("db", "AWSCURRENT");
    assertThatThrownBy(() -> fixture.value("none"));
    fixture.client.getRandomPassword();

    assertThat(fixture.manager.requests().all())
        .containsExactly(
            entry("DescribeSecret", "db"),
            entry("PutSecretValue", "db"),
            entry("GetSecretValue", arn),
            new RequestLog.Entry(
                "test",
                "GetSecretValue",
                Optional.of("db"),
                Optional.of("AWSCURRENT"),
                Optional.empty()),
            new RequestLog.Entry(
                "test",
                "GetSecretValue",
                Optional.of("none"),
                Optional.empty(),
                Optional.of("ResourceNotFoundException")),
            entry("GetRandomPassword", null));
    assertThat(fixture.manager.requests().count("GetSecretValue")).isEqualTo(3);
    assertThat(fixture.manager.requests().all().toString()).doesNotContain("very secret");
    fixture.manager.requests().clear();
    assertThat(fixture.manager.requests().all()).isEmpty();
  }
}
