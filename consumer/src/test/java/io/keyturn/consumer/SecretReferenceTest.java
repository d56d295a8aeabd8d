package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretReferenceTest {
  private static final String ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:";

  @ParameterizedTest
  @CsvSource({
    "app/db, app/db, true",
    "app/db, ARN:app/db-a1B2c3, true",
    "app/db, ARN:app/db, true",
    "ARN:app/db, ARN:app/db-a1B2c3, true",
    "ARN:app/db-a1B2c3, ARN:app/db-a1B2c3, true",
    "app/db, other, false",
    "app/db, ARN:app/db2-a1B2c3, false",
    "app/db, ARN:app/db-a1B2c, false",
    "app/db, ARN:app/db-a1B2c3-d4E5f6, false",
    "db, ARN:app/db-a1B2c3, false",
    "ARN:app/db-a1B2c3, ARN:app/db-a1B2c4, false",
    "ARN:app/db, ARN:app/db2-a1B2c3, false",
    "ARN:app/db, arn:aws:secretsmanager:eu-west-1:000000000000:secret:app/db-a1B2c3, false",
    "app-a1B2c3, app, false"
  })
  void twoReferencesMayBeOneSecret(String one, String other, boolean same) {
    SecretReference first = new SecretReference(one.replace("ARN:", ARN));
    SecretReference second = new SecretReference(other.replace("ARN:", ARN));

    assertThat(first.matches(second)).isEqualTo(same);
    assertThat(second.matches(first)).isEqualTo(same);
  }
}
