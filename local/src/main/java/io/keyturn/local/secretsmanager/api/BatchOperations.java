package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Returns the current values of several secrets. A secret that fails does not fail the others. */
final class BatchOperations {
  private static final int MAX = 20;

  private final SecretStore store;
  private final ValueOperations values;

  BatchOperations(SecretStore store, ValueOperations values) {
    this.store = store;
    this.values = values;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("BatchGetSecretValue", this::get);
  }

  private ObjectNode get(Request request) {
    Optional<List<String>> ids = request.texts("SecretIdList", 1, MAX, 1, 2048);
    List<SecretFilter> filters = SecretFilter.parse(request);
    Page page = Page.parse(request, MAX);
    if (ids.isPresent() == request.has("Filters")) {
      throw ServiceException.invalidParameter(
          "Either 'SecretIdList' or 'Filters' must be provided, but not both.");
    }
    if (ids.isPresent() && request.has("MaxResults")) {
      throw ServiceException.invalidParameter(
          "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is"
              + " provided.");
    }
    ObjectNode answer = Answers.empty();
    ArrayNode found = answer.putArray("SecretValues");
    ArrayNode errors = answer.putArray("Errors");
    if (ids.isPresent()) {
      for (String id : ids.get()) {
        collect(id, () -> store.live(Request.checkedId("secretIdList", id)), found, errors);
      }
    } else {
      List<Secret> secrets =
          store.all().stream()
              .filter(secret -> secret.deletion().isEmpty())
              .filter(secret -> filters.stream().allMatch(filter -> filter.test(secret)))
              .toList();
      page.of(secrets, answer)
          .forEach(secret -> collect(secret.arn(), () -> secret, found, errors));
    }
    return answer;
  }

  private void collect(String id, Supplier<Secret> secret, ArrayNode found, ArrayNode errors) {
    try {
      found.add(values.get(secret.get(), Optional.empty(), Optional.empty()));
    } catch (ServiceException e) {
      errors
          .addObject()
          .put("SecretId", id)
          .put("ErrorCode", e.type())
          .put("Message", e.getMessage());
    }
  }
}
