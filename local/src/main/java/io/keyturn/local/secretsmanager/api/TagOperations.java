package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import java.util.List;
import java.util.Map;

/** Tags and untags secrets. */
final class TagOperations {
  private final SecretStore store;

  TagOperations(SecretStore store) {
    this.store = store;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("TagResource", this::tag);
    operations.put("UntagResource", this::untag);
  }

  private ObjectNode tag(Request request) {
    Map<String, String> tags =
        Tags.parse(request)
            .orElseThrow(() -> ServiceException.constraint("tags", "Member must not be null"));
    Secret secret = store.live(request.secretId());
    Tags.checkCount(secret.tags().orElse(Map.of()), tags);
    secret.tag(tags);
    secret.changed(store.now());
    return Answers.empty();
  }

  private ObjectNode untag(Request request) {
    List<String> keys =
        request
            .texts("TagKeys", 0, Integer.MAX_VALUE, 1, 128)
            .orElseThrow(() -> ServiceException.constraint("tagKeys", "Member must not be null"));
    Secret secret = store.live(request.secretId());
    secret.untag(keys);
    secret.changed(store.now());
    return Answers.empty();
  }
}
