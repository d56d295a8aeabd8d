package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtocolTest {
  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  private HttpResponse<String> send(String operation, String body) {
    return fixture.send("secretsmanager." + operation, body);
  }

  @Test
  void answersAreAwsJson() {
    HttpResponse<String> answer = send("ListSecrets", "{}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/x-amz-json-1.1");
    assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
    assertThat(answer.body()).isEqualTo("{\"SecretList\":[]}");
  }

  @Test
  void errorsAreTheirNameAndTheirMessage() {
    HttpResponse<String> answer = send("GetSecretValue", "{\"SecretId\":\"none\"}");

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/x-amz-json-1.1");
    assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
    assertThat(answer.body())
        .isEqualTo(
            "{\"__type\":\"ResourceNotFoundException\",\"Message\":\"Secrets Manager can't find the"
                + " specified secret.\"}");
  }

  @Test
  void aValueOfBytesIsBase64() {
    String created =
        send(
                "CreateSecret",
                "{\"Name\":\"db\",\"SecretBinary\":\"AAH/\",\"ClientRequestToken\":\""
                    + token()
                    + "\"}")
            .body();
    assertThat(created).contains("VersionId");

    assertThat(send("GetSecretValue", "{\"SecretId\":\"db\"}").body())
        .contains("\"SecretBinary\":\"AAH/\"")
        .doesNotContain("SecretString");
  }

  @Test
  void timesAreSecondsWithAFraction() {
    fixture.create("db", "one");

    assertThat(send("DescribeSecret", "{\"SecretId\":\"db\"}").body())
        .containsPattern("\"CreatedDate\":\\d{10}\\.\\d{3}[,}]");
  }

  @Test
  void unknownOperationsAreRefused() {
    assertThat(send("ReplicateSecretToRegions", "{}").body())
        .isEqualTo(
            "{\"__type\":\"UnknownOperationException\",\"Message\":\"The local Secrets Manager has"
                + " no operation ReplicateSecretToRegions.\"}");
    assertThat(fixture.send("DynamoDB.ListTables", "{}").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {                                                        | The request is not JSON.
          []                                                       | The request is not a JSON object.
          {"SecretId":1}                                           | SecretId must be a string
          {"SecretId":"x","ForceDeleteWithoutRecovery":"yes"}      | ForceDeleteWithoutRecovery must be a boolean
          {"SecretId":"x","RecoveryWindowInDays":7.5}              | RecoveryWindowInDays must be a whole number
          """)
  void fieldsOfTheWrongTypeAreRefused(String body, String message) {
    assertThat(send("DeleteSecret", body).body())
        .isEqualTo("{\"__type\":\"SerializationException\",\"Message\":\"" + message + "\"}");
  }

  @Test
  void bytesThatAreNotBase64AreRefusedWithoutBeingQuoted() {
    assertThat(
            send(
                    "PutSecretValue",
                    "{\"SecretId\":\"x\",\"SecretBinary\":\"!hidden\",\"ClientRequestToken\":\""
                        + token()
                        + "\"}")
                .body())
        .isEqualTo(
            "{\"__type\":\"SerializationException\",\"Message\":\"SecretBinary must be base64\"}");
  }

  @Test
  void aSecretIdIsNeeded() {
    assertThat(send("GetSecretValue", "{}").body())
        .contains("ValidationException", "Value at 'secretId'", "Member must not be null");
  }

  @Test
  @ResourceLock(Resources.SYSTEM_ERR)
  void aBugIsAnsweredAsSuchAndPrinted() {
    fixture.create("db", "one");
    fixture.function.failToExist();
    try (CapturedErrors errors = new CapturedErrors()) {
      HttpResponse<String> answer =
          send(
              "RotateSecret",
              "{\"SecretId\":\"db\",\"RotationLambdaARN\":\"x\",\"ClientRequestToken\":\""
                  + token()
                  + "\"}");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).contains("InternalServiceError");
      assertThat(errors.text())
          .contains("RotateSecret failed", "IllegalStateException: no list of functions", "\tat ");
    }
  }

  @Test
  void manyClientsAtOnceLoseNothing() {
    fixture.create("db", "one");

    CompletableFuture<?>[] puts =
        IntStream.range(0, 40)
            .mapToObj(i -> CompletableFuture.runAsync(() -> fixture.put("db", "value " + i)))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(puts).join();

    assertThat(
            fixture
                .client
                .listSecretVersionIds(r -> r.secretId("db").includeDeprecated(true))
                .versions())
        .hasSize(41);
    Map<String, ?> labels = fixture.labels("db");
    assertThat(labels).hasSize(2);
  }
}
