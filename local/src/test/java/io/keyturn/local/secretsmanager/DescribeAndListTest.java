package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static io.keyturn.local.secretsmanager.Fixture.filter;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretVersionIdsResponse;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretsResponse;
import software.amazon.awssdk.services.secretsmanager.model.SecretListEntry;
import software.amazon.awssdk.services.secretsmanager.model.SecretVersionsListEntry;
import software.amazon.awssdk.services.secretsmanager.model.SortByType;
import software.amazon.awssdk.services.secretsmanager.model.SortOrderType;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

class DescribeAndListTest {
  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void fieldsWithoutAValueAreLeftOut() {
    fixture.client.createSecret(r -> r.name("db"));

    assertThat(fixture.send("secretsmanager.DescribeSecret", "{\"SecretId\":\"db\"}").body())
        .matches(
            "\\{\"ARN\":\"[^\"]+\",\"Name\":\"db\",\"LastChangedDate\":\\d+\\.\\d{3},"
                + "\"CreatedDate\":\\d+\\.\\d{3}}");
  }

  @Test
  void aSecretThatDoesNotExistIsNotFound() {
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
        () -> fixture.labels("none"));
  }

  @Test
  void versionsAreListedWithTheirLabels() {
    String first = fixture.create("db", "one");
    String second = fixture.put("db", "two");
    String third = fixture.put("db", "three");

    ListSecretVersionIdsResponse listed =
        fixture.client.listSecretVersionIds(r -> r.secretId("db"));

    assertThat(listed.name()).isEqualTo("db");
    assertThat(listed.arn()).contains(":secret:db-");
    assertThat(listed.versions())
        .extracting(SecretVersionsListEntry::versionId)
        .containsExactly(second, third);
    assertThat(listed.versions().get(1).versionStages()).containsExactly("AWSCURRENT");
    assertThat(listed.versions().get(1).createdDate()).isNotNull();

    List<SecretVersionsListEntry> all =
        fixture
            .client
            .listSecretVersionIds(r -> r.secretId("db").includeDeprecated(true))
            .versions();
    assertThat(all)
        .extracting(SecretVersionsListEntry::versionId)
        .containsExactly(first, second, third);
    assertThat(all.get(0).hasVersionStages()).isFalse();
  }

  @Test
  void versionsComeInPages() {
    fixture.create("db", "one");
    fixture.put("db", "two");
    fixture.put("db", "three");

    ListSecretVersionIdsResponse page =
        fixture.client.listSecretVersionIds(
            r -> r.secretId("db").includeDeprecated(true).maxResults(2));
    assertThat(page.versions()).hasSize(2);
    ListSecretVersionIdsResponse last =
        fixture.client.listSecretVersionIds(
            r ->
                r.secretId("db").includeDeprecated(true).maxResults(2).nextToken(page.nextToken()));
    assertThat(last.versions()).hasSize(1);
    assertThat(last.nextToken()).isNull();
    assertError(
        "InvalidNextTokenException",
        "The NextToken value is invalid.",
        () -> fixture.client.listSecretVersionIds(r -> r.secretId("db").nextToken("?")));
  }

  @Test
  void secretsAreListedAsTheyAreDescribed() {
    String version = fixture.create("db", "one");

    SecretListEntry entry = fixture.client.listSecrets().secretList().get(0);

    assertThat(entry.name()).isEqualTo("db");
    assertThat(entry.arn()).contains(":secret:db-");
    assertThat(entry.createdDate()).isNotNull();
    assertThat(entry.lastChangedDate()).isNotNull();
    assertThat(entry.secretVersionsToStages().get(version)).containsExactly("AWSCURRENT");
  }

  @Test
  void secretsMarkedForDeletionAreListedOnlyIfAskedFor() {
    fixture.create("db", "one");
    fixture.client.deleteSecret(r -> r.secretId("db"));

    assertThat(fixture.client.listSecrets().secretList()).isEmpty();
    List<SecretListEntry> all =
        fixture.client.listSecrets(r -> r.includePlannedDeletion(true)).secretList();
    assertThat(all).singleElement().satisfies(s -> assertThat(s.deletedDate()).isNotNull());
  }

  @Test
  void secretsComeInPagesAndOrders() {
    for (String name : List.of("b", "c", "a")) {
      fixture.create(name, "x");
    }

    assertThat(fixture.client.listSecretsPaginator(r -> r.maxResults(2)).stream())
        .extracting(page -> names(page))
        .containsExactly(List.of("b", "c"), List.of("a"));
    assertThat(names(fixture.client.listSecrets(r -> r.sortOrder(SortOrderType.DESC))))
        .containsExactly("a", "c", "b");
    assertThat(names(fixture.client.listSecrets(r -> r.sortBy(SortByType.NAME))))
        .containsExactly("a", "b", "c");
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member"
            + " must have value less than or equal to 100",
        () -> fixture.client.listSecrets(r -> r.maxResults(101)));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member"
            + " must have value greater than or equal to 1",
        () -> fixture.client.listSecrets(r -> r.maxResults(0)));
  }

  private static List<String> names(ListSecretsResponse page) {
    return page.secretList().stream().map(SecretListEntry::name).toList();
  }

  @Test
  void capitalsBeginWordsForTheFilterOfAllAttributes() {
    fixture.create("prod/AppBeta/1", "x");

    for (String value : List.of("Beta", "appb", "app")) {
      assertThat(names(fixture.client.listSecrets(r -> r.filters(filter("all", value)))))
          .as(value)
          .containsExactly("prod/AppBeta/1");
    }
    assertThat(names(fixture.client.listSecrets(r -> r.filters(filter("all", "eta"))))).isEmpty();
  }

  @Test
  void anEmptyDescriptionIsNone() {
    fixture.client.createSecret(r -> r.name("db").description(""));

    assertThat(fixture.client.describeSecret(r -> r.secretId("db")).description()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "name,        app,          app/one app/two",
    "name,        App,          App/three",
    "name,        !app,         App/three",
    "name,        one,          ''",
    "description, THE,          app/one app/two",
    "description, database,     app/one",
    "description, d t,          app/one",
    "description, +,            ''",
    "tag-key,     team,         app/one",
    "tag-key,     Team,         App/three",
    "tag-value,   re,           app/one",
    "tag-value,   !re,          app/two App/three",
    "all,         DATABASE,     app/one",
    "all,         the red,      app/one",
    "all,         the blue,     ''",
    "all,         app,          app/one app/two App/three",
    "all,         +,            ''",
    "owning-service, rds,       ''",
    "primary-region, us,        ''"
  })
  void filtersChooseSecrets(String key, String value, String names) {
    fixture.client.createSecret(
        r ->
            r.name("app/one")
                .description("The database")
                .tags(Tag.builder().key("team").value("red").build()));
    fixture.client.createSecret(r -> r.name("app/two").description("the queue"));
    fixture.client.createSecret(
        r -> r.name("App/three").tags(Tag.builder().key("Team").value("blue").build()));

    assertThat(
            String.join(" ", names(fixture.client.listSecrets(r -> r.filters(filter(key, value))))))
        .isEqualTo(names);
  }

  @Test
  void aSecretPassesEachFilterByOneOfItsValues() {
    for (String name : List.of("a1", "a2", "b1")) {
      fixture.client.createSecret(r -> r.name(name).description("of " + name));
    }

    assertThat(
            names(
                fixture.client.listSecrets(
                    r -> r.filters(filter("name", "a1", "b"), filter("description", "of a")))))
        .containsExactly("a1");
  }

  @Test
  void filtersHaveKnownKeysAndPlainValues() {
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'key' failed to satisfy constraint: Member must"
            + " satisfy enum value set: [description, name, tag-key, tag-value, primary-region,"
            + " owning-service, all]",
        () -> fixture.client.listSecrets(r -> r.filters(filter("owner", "x"))));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'values' failed to satisfy constraint: Member must"
            + " satisfy regular expression pattern: !?[a-zA-Z0-9 :_@/+=.\\-!]*",
        () -> fixture.client.listSecrets(r -> r.filters(filter("name", "*"))));
  }
}
