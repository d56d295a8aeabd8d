package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.postgres.DatabaseSecret;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Secrets as AWS's console, CDK, CloudFormation and Terraform make them are rotated as they are.
 */
class SecretShapesTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "console | {'username':USER,'password':PASSWORD,'engine':'postgres','host':HOST,'port':PORT,'dbInstanceIdentifier':'shop'}",
        "console with a database | {'username':USER,'password':PASSWORD,'engine':'postgres','host':HOST,'port':'PORT','dbname':DATABASE,'dbClusterIdentifier':'shop'}",
        "CDK DatabaseSecret attached to an instance | {'password':PASSWORD,'dbname':DATABASE,'engine':'postgres','port':PORT,'dbInstanceIdentifier':'shop-1abc','host':HOST,'username':USER}",
        "SecretTargetAttachment of a cluster | {'dbClusterIdentifier':'shop','password':PASSWORD,'dbname':DATABASE,'engine':'aurora-postgresql','port':PORT,'host':HOST,'username':USER}",
        "Terraform jsonencode | {'dbname':DATABASE,'engine':'postgres','host':HOST,'password':PASSWORD,'port':PORT,'username':USER}",
        "Terraform with texts and nulls | {'dbname':DATABASE,'engine':'postgres','host':HOST,'masterarn':null,'password':PASSWORD,'port':'PORT','ssl':null,'username':USER}",
        "written by hand | {  'engine' : 'postgres' , 'tags':{'a':[1,2.50]}, 'host':HOST,'port':PORT,'username':USER,'password':PASSWORD,'dbname':DATABASE }",
      })
  void isRotatedUnchanged(String origin, String shape) throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      String before = json(secret, shape, secret.role.password());
      secret.putCurrent(before);

      secret.rotate();

      String after = secret.secretsManager.value(secret.arn, "AWSCURRENT");
      String password = DatabaseSecret.parse(after, origin).password();
      assertThat(password).isNotEqualTo(secret.role.password());
      assertThat(after).isEqualTo(json(secret, shape, password));
      assertThat(secret.logsIn(password)).isTrue();
    }
  }

  private static String json(RotatedSecret secret, String shape, String password) {
    return shape
        .replace('\'', '"')
        .replace("USER", RotatedSecret.quote(secret.role.name()))
        .replace("HOST", RotatedSecret.quote(secret.database.postgres().host()))
        .replace("PORT", String.valueOf(secret.database.postgres().port()))
        .replace("DATABASE", RotatedSecret.quote(secret.database.name()))
        .replace("PASSWORD", RotatedSecret.quote(password));
  }
}
