package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

class TagsTest {
  private final Fixture fixture = new Fixture();

  @BeforeEach
  void createSecret() {
    fixture.create("db", "one");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }

  private DescribeSecretResponse describe() {
    return fixture.client.describeSecret(r -> r.secretId("db"));
  }

  @Test
  void tagsAreAbsentThenThereThenEmpty() {
    assertThat(describe().hasTags()).isFalse();

    fixture.client.tagResource(r -> r.secretId("db").tags(tag("b", "2"), tag("a", "1")));
    fixture.client.tagResource(r -> r.secretId("db").tags(tag("b", "3")));
    assertThat(describe().tags()).containsExactly(tag("a", "1"), tag("b", "3"));

    fixture.client.untagResource(r -> r.secretId("db").tagKeys("a", "b", "never there"));
    assertThat(describe().hasTags()).isTrue();
    assertThat(describe().tags()).isEmpty();
  }

  @Test
  void aSecretHasUpTo50Tags() {
    List<Tag> fifty = IntStream.range(0, 50).mapToObj(i -> tag("key" + i, "")).toList();
    fixture.client.tagResource(r -> r.secretId("db").tags(fifty));

    assertError(
        "InvalidParameterException",
        "A secret can have up to 50 tags.",
        () -> fixture.client.tagResource(r -> r.secretId("db").tags(tag("one more", ""))));
    fixture.client.tagResource(r -> r.secretId("db").tags(tag("key0", "changed")));
  }

  @Test
  void someKeysAreRefused() {
    assertError(
        "InvalidParameterException",
        "Tag keys that begin with aws: are reserved for AWS; choose another one than aws:x.",
        () -> fixture.client.tagResource(r -> r.secretId("db").tags(tag("aws:x", ""))));
    assertError(
        "InvalidParameterException",
        "The tag key a occurs more than once in the request.",
        () -> fixture.client.tagResource(r -> r.secretId("db").tags(tag("a", "1"), tag("a", "2"))));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'key' failed to satisfy constraint: Member must have"
            + " length less than or equal to 128",
        () -> fixture.client.tagResource(r -> r.secretId("db").tags(tag("k".repeat(129), ""))));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must"
            + " have length less than or equal to 256",
        () -> fixture.client.tagResource(r -> r.secretId("db").tags(tag("k", "v".repeat(257)))));
  }

  @Test
  void theListIsRequired() {
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must not"
            + " be null",
        () -> fixture.client.tagResource(r -> r.secretId("db")));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must"
            + " not be null",
        () -> fixture.client.untagResource(r -> r.secretId("db")));
  }
}
