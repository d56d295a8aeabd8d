package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretVersion;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;

/** Writes parts of the service's answers. */
final class Answers {
  private Answers() {}

  static ObjectNode empty() {
    return JsonNodeFactory.instance.objectNode();
  }

  static ObjectNode of(Secret secret) {
    ObjectNode answer = empty();
    answer.put("ARN", secret.arn());
    answer.put("Name", secret.name());
    return answer;
  }

  /** Returns a time as the protocol has it: seconds with a fraction. */
  static BigDecimal time(Instant time) {
    return BigDecimal.valueOf(time.toEpochMilli(), 3);
  }

  static void putLabels(ObjectNode answer, SecretVersion version) {
    ArrayNode labels = answer.putArray("VersionStages");
    version.labels().forEach(labels::add);
  }

  static void putTags(ObjectNode answer, Map<String, String> tags) {
    ArrayNode list = answer.putArray("Tags");
    tags.forEach((key, value) -> list.addObject().put("Key", key).put("Value", value));
  }
}
