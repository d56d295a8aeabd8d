package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.rotator.check.Code;
import io.keyturn.testing.OneAnswerService;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a check says before a rotation. That it names every refusal, each refusal's test asserts.
 */
@Tag("every-postgres")
class SecretCheckTest {
  /** Nothing blocks it; the test's server has no TLS, which is worth a warning. */
  private static void assertMayRotate(SecretChecked check) {
    assertThat(check.blocks()).isEmpty();
    assertThat(check.reasons("warns")).allMatch(reason -> reason.contains("without TLS"));
  }

  @Test
  void everyCodeIsDocumented() throws Exception {
    String page = Files.readString(Path.of("../docs/check.md"));
    String table = page.substring(page.indexOf("\n## Findings"), page.indexOf("\n## Limits"));
    assertThat(
            Pattern.compile("(?m)^\\| (`.*?`) \\|")
                .matcher(table)
                .results()
                .flatMap(row -> Stream.of(row.group(1).replace("`", "").split(", "))))
        .containsExactlyInAnyOrder(
            Stream.of(Code.values()).map(Code::toString).toArray(String[]::new));
  }

  @Test
  void describesASecretThatCanBeRotatedAndChangesNothing() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      Catalog roles = Catalog.read(secret.database.postgres());
      Map<String, List<String>> labels = secret.secretsManager.labels(secret.arn);

      SecretChecked check = secret.check();

      assertMayRotate(check);
      assertThat(check.report().path("schemaVersion").asInt()).isEqualTo(1);
      assertThat(check.text("arn")).isEqualTo(secret.arn);
      assertThat(check.text("strategy")).isEqualTo("alternating users");
      assertThat(check.text("host")).isEqualTo(secret.database.postgres().host());
      assertThat(check.text("database")).isEqualTo(secret.database.name());
      assertThat(check.text("user")).isEqualTo(secret.app.name());
      assertThat(check.text("nextUser")).isEqualTo(secret.twin);
      assertThat(check.text("admin")).isEqualTo(secret.admin.name());
      assertThat(check.text("serverVersion")).matches("[0-9.]+.*");
      assertThat(check.text("tls")).isNotBlank();
      assertThat(check.report().path("versions").path(0).path("label").asText())
          .isEqualTo("AWSCURRENT");
      assertThat(check.report().path("versions").path(0).path("logsIn").asBoolean()).isTrue();
      assertThat(check.codes()).contains("new-role");
      assertThat(secret.context.log()).anyMatch(line -> line.contains("tells (new-role)"));
      assertThat(secret.secretsManager.labels(secret.arn)).isEqualTo(labels);
      assertThat(roles.changesUntil(Catalog.read(secret.database.postgres())))
          .noneMatch(entry -> entry.contains(secret.app.name()));
      assertThat(check.report().toString() + secret.context.log())
          .doesNotContain(secret.app.password(), secret.admin.password());

      secret.rotate();
      assertMayRotate(secret.check());
    }
  }

  @Test
  void countsWhatWouldChangeHands() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.database.run(
          "GRANT USAGE, CREATE ON SCHEMA shop TO %s".formatted(secret.quotedTwin()));
      secret.asCurrent("CREATE TABLE shop.a (x int); CREATE TABLE shop.b (x int)");
      TestRole owner = secret.database.createRole("owner");
      secret.database.run(
          "CREATE TABLE shop.c (x int); ALTER TABLE shop.c OWNER TO %s; GRANT SELECT ON shop.c TO %s"
              .formatted(owner.quoted(), secret.quotedTwin()));
      secret.database.run(
          "CREATE FUNCTION shop.who() RETURNS text LANGUAGE sql AS 'SELECT session_user::text'");
      try (Connection busy = secret.current();
          Statement statement = busy.createStatement()) {
        busy.setAutoCommit(false);
        statement.execute("INSERT INTO shop.a VALUES (1)");

        SecretChecked check = secret.check();

        assertThat(check.text("outcome")).isEqualTo("blocks");
        assertThat(check.report().path("handover").toString())
            .contains("\"kind\":\"owned\",\"count\":2,\"stuck\":0");
        assertThat(check.reasons("tells")).anyMatch(reason -> reason.contains("use shop.a (pid "));
        assertThat(check.reasons("warns"))
            .anyMatch(reason -> reason.contains("function shop.who() use session_user"));
        assertThat(check.blocks()).anyMatch(reason -> reason.contains(owner.name()));
        assertThat(check.report().path("findings").toString())
            .contains("GRANT SELECT ON TABLE shop.c TO " + secret.app.name());
      }
    }
  }

  @Test
  void aSingleUserIsCheckedByItsOwnLogin() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      SecretChecked check = secret.check();

      assertMayRotate(check);
      assertThat(check.text("strategy")).isEqualTo("single user");
      assertThat(check.text("nextUser")).isEqualTo(secret.role.name());

      secret.begin().step("createSecret");
      assertThat(secret.check().codes()).contains("unfinished");
      assertThat(secret.check().blocks()).isEmpty();
      secret.putCurrent(secret.json(secret.role.name(), UUID.randomUUID().toString()));
      secret.database.run("ALTER ROLE %s PASSWORD 'other'".formatted(secret.role.quoted()));
      SecretChecked wrong = secret.check();
      assertThat(wrong.text("outcome")).isEqualTo("blocks");
      assertThat(wrong.blocks())
          .anyMatch(reason -> reason.startsWith("None of AWSPENDING, AWSCURRENT and AWSPREVIOUS"));
      assertThat(wrong.report().path("versions").path(0).path("logsIn").asBoolean(true)).isFalse();
    }
  }

  @Test
  void whatIsWrongWithTheSecretItselfIsAFinding() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.putCurrent("{\"token\":\"3f1\"}");
      assertThat(secret.check().blocks())
          .anyMatch(reason -> reason.contains("\"host\" is missing"));
      secret.putCurrent(
          secret
              .json(secret.role.name(), secret.role.password())
              .replaceFirst("\"port\":[0-9]+", "\"port\":1"));
      assertThat(secret.check().blocks()).anyMatch(reason -> reason.contains(":1 "));
      secret.secretsManager.client().deleteSecret(r -> r.secretId(secret.arn));
      assertThat(secret.check().codes()).containsExactly("deleted");
      assertThat(SecretChecked.by(secret.function(), "no-such-secret", secret.context).blocks())
          .singleElement()
          .asString()
          .contains("no-such-secret");
    }
  }

  @Test
  void aValueThatMayNotBeReadIsAFinding() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.secretsManager.service().faults().deny("GetSecretValue", "AWSCURRENT");

      SecretChecked check = secret.check();

      assertThat(check.codes()).contains("secret");
      assertThat(check.blocks())
          .anyMatch(reason -> reason.contains(secret.arn) && reason.contains("GetSecretValue"));
    }
  }

  /** No local secret has such an owner. */
  @Test
  void aSecretThatAServiceRotatesIsBlockedWithoutALookAtItsValue() throws Exception {
    String arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:rds!db-1";
    String description =
        """
        {"ARN":"%s","Name":"rds!db-1","OwningService":"rds","RotationEnabled":true,
         "VersionIdsToStages":{"48d3ecd4-8f9c-4a27-8aa4-5ee13c1ae5b3":["AWSCURRENT"]}}"""
            .formatted(arn);
    try (OneAnswerService service = new OneAnswerService(200, description)) {
      RotationHandler function =
          new RotationHandler(
              Map.of("SECRETS_MANAGER_ENDPOINT", service.endpoint().toString()), line -> {});

      SecretChecked check = SecretChecked.by(function, arn, new TestContext());

      assertThat(check.codes()).containsExactly("managed");
      assertThat(check.blocks())
          .containsExactly("rds manages and rotates the secret, and no function can");
    }
  }
}
