package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.model.GetRandomPasswordRequest;

class RandomPasswordTest {
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  private String password(Consumer<GetRandomPasswordRequest.Builder> how) {
    return fixture.client.getRandomPassword(how).randomPassword();
  }

  @RepeatedTest(3)
  void aPasswordHas32CharactersOfEveryType() {
    String password = password(r -> {});

    assertThat(password)
        .hasSize(32)
        .matches("[\\x21-\\x7e]+")
        .containsPattern("[a-z]")
        .containsPattern("[A-Z]")
        .containsPattern("[0-9]")
        .containsPattern("[^A-Za-z0-9]");
    assertThat(password(r -> {})).isNotEqualTo(password);
  }

  @Test
  void typesCanBeLeftOut() {
    assertThat(password(r -> r.passwordLength(500L).excludePunctuation(true)))
        .matches("[A-Za-z0-9]{500}");
    assertThat(password(r -> r.passwordLength(500L).excludeUppercase(true))).matches("[^A-Z]{500}");
    assertThat(password(r -> r.passwordLength(500L).excludeLowercase(true))).matches("[^a-z]{500}");
    assertThat(password(r -> r.passwordLength(500L).excludeNumbers(true))).matches("[^0-9]{500}");
  }

  @Test
  void charactersCanBeLeftOut() {
    assertThat(password(r -> r.passwordLength(4096L).excludeCharacters("aB3\"\\")))
        .hasSize(4096)
        .doesNotContain("a", "B", "3", "\"", "\\");
  }

  @Test
  void allPunctuationOccurs() {
    String password =
        password(
            r ->
                r.passwordLength(4096L)
                    .excludeLowercase(true)
                    .excludeUppercase(true)
                    .excludeNumbers(true));

    assertThat(password.chars().distinct().sorted().toArray())
        .isEqualTo(PUNCTUATION.chars().sorted().toArray());
  }

  @Test
  void aSpaceOccursOnlyIfIncluded() {
    assertThat(password(r -> r.passwordLength(4096L))).doesNotContain(" ");
    assertThat(password(r -> r.passwordLength(4096L).includeSpace(true))).contains(" ");
  }

  @RepeatedTest(10)
  void theShortestPasswordStillHasEveryType() {
    assertThat(password(r -> r.passwordLength(4L)))
        .containsPattern("[a-z]")
        .containsPattern("[A-Z]")
        .containsPattern("[0-9]")
        .containsPattern("[^A-Za-z0-9]");
  }

  @Test
  void aLengthBelowTheNumberOfTypesIsRefused() {
    assertError(
        "InvalidParameterException",
        "Password length is too short based on the required types.",
        () -> password(r -> r.passwordLength(3L)));
    assertThat(password(r -> r.passwordLength(3L).excludeNumbers(true))).hasSize(3);
    assertThat(password(r -> r.passwordLength(1L).requireEachIncludedType(false))).hasSize(1);
  }

  @Test
  void aTypeThatIsRequiredAndLeftOutCharacterByCharacterIsRefused() {
    assertError(
        "InvalidParameterException",
        "All characters of the desired type have been excluded.",
        () -> password(r -> r.excludeCharacters("0123456789")));
    assertThat(password(r -> r.excludeCharacters("0123456789").requireEachIncludedType(false)))
        .doesNotContainPattern("[0-9]");
  }

  @Test
  void nothingToChooseFromIsRefused() {
    assertError(
        "InvalidParameterException",
        "All characters have been excluded from selection.",
        () ->
            password(
                r ->
                    r.excludeLowercase(true)
                        .excludeUppercase(true)
                        .excludeNumbers(true)
                        .excludePunctuation(true)));
  }

  @Test
  void aLengthIsOf1To4096() {
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'passwordLength' failed to satisfy constraint: Member"
            + " must have value greater than or equal to 1",
        () -> password(r -> r.passwordLength(0L)));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'passwordLength' failed to satisfy constraint: Member"
            + " must have value less than or equal to 4096",
        () -> password(r -> r.passwordLength(4097L)));
  }
}
