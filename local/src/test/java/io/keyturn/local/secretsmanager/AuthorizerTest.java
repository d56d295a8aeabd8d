package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Authorizer;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.support.LocalClock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callers are asked about, and what they are told if they may not. */
class AuthorizerTest {
  private static final String KEY = "arn:aws:kms:us-east-1:000000000000:key/k";

  private final List<Access> asked = new CopyOnWriteArrayList<>();
  private volatile String denied = "";
  private final Fixture fixture =
      new Fixture(
          LocalClock.realTime(),
          RotationRetries.DEFAULT,
          (accessKeyId, access) -> {
            asked.add(access);
            return accessKeyId.equals("test") && access.action().equals(denied)
                ? Optional.of(Authorizer.Denial.notAllowed("arn:of:caller", denied))
                : Optional.empty();
          });

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void theErrorNamesWhatTheCallerMayNotDo() {
    String arn = fixture.client.createSecret(r -> r.name("db").secretString("one")).arn();
    denied = "secretsmanager:GetSecretValue";

    assertError(
        "AccessDeniedException",
        "User: arn:of:caller is not authorized to perform: secretsmanager:GetSecretValue on"
            + " resource: "
            + arn
            + " because no identity-based policy allows the secretsmanager:GetSecretValue action",
        () -> fixture.value("db"));
    // It would tell the same values.
    assertError(
        "AccessDeniedException",
        "User: arn:of:caller is not authorized to perform: secretsmanager:GetSecretValue on"
            + " resource: * because no identity-based policy allows the"
            + " secretsmanager:GetSecretValue action",
        () -> fixture.client.batchGetSecretValue(r -> r.secretIdList("db")));

    denied = "";
    assertThat(fixture.value("db")).isEqualTo("one");
  }

  @Test
  void theLabelThatIsNamedIsInTheContext() {
    String arn = fixture.client.createSecret(r -> r.name("db").secretString("one")).arn();
    asked.clear();

    fixture.value("db");
    fixture.value("db", "AWSCURRENT");

    Map<String, List<String>> id = Map.of("secretsmanager:SecretId", List.of("db"));
    Access read = new Access("secretsmanager:GetSecretValue", arn, id);
    assertThat(asked).containsExactly(read, read.with("secretsmanager:VersionStage", "AWSCURRENT"));
  }

  @Test
  void theRotationFunctionOfASecretIsInTheContext() {
    fixture.create("db", "one");
    String function = Fixture.FUNCTION;
    fixture.client.rotateSecret(
        r ->
            r.secretId("db")
                .rotationLambdaARN(function)
                .rotateImmediately(false)
                .rotationRules(rules -> rules.automaticallyAfterDays(30L)));
    asked.clear();

    fixture.value("db");

    assertThat(asked.get(0).values("secretsmanager:resource/AllowRotationLambdaArn"))
        .containsExactly(function);
  }

  @Test
  void theKeyOfASecretIsUsedInTheCallersName() {
    String arn =
        fixture.client.createSecret(r -> r.name("db").secretString("one").kmsKeyId("k")).arn();
    Access decrypt =
        Access.to("kms:Decrypt", KEY)
            .with("kms:ViaService", "secretsmanager.us-east-1.amazonaws.com")
            .with("kms:EncryptionContext:SecretARN", arn);
    Access generate = new Access("kms:GenerateDataKey", KEY, decrypt.context());
    asked.clear();

    fixture.client.describeSecret(r -> r.secretId("db"));
    assertThat(asked).hasSize(1);
    fixture.value("db");
    assertThat(asked).hasSize(3).endsWith(decrypt);
    fixture.put("db", "two");
    assertThat(asked).hasSize(6).endsWith(generate, decrypt);

    denied = "kms:Decrypt";
    assertError("AccessDeniedException", "Access to KMS is not allowed", () -> fixture.value("db"));
    denied = "kms:GenerateDataKey";
    assertError(
        "AccessDeniedException", "Access to KMS is not allowed", () -> fixture.put("db", "three"));
  }

  @Test
  void theAccountsOwnKeyNeedsNoPermission() {
    fixture.create("db", "one");
    asked.clear();

    fixture.value("db");

    assertThat(asked).hasSize(1);
  }
}
