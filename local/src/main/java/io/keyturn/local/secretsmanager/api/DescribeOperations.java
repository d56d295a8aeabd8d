package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.store.RotationState;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import io.keyturn.local.secretsmanager.store.SecretVersion;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Describes one secret, or lists them all. */
final class DescribeOperations {
  private final SecretStore store;

  DescribeOperations(SecretStore store) {
    this.store = store;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("DescribeSecret", this::describe);
    operations.put("ListSecrets", this::list);
  }

  private ObjectNode describe(Request request) {
    Secret secret = store.any(request.secretId());
    ObjectNode answer = Answers.of(secret);
    details(secret, answer);
    RotationState rotation = secret.rotation();
    if (rotation.isEnabled()) {
      // ListSecrets has this field even if rotation is turned off.
      rotation.lastRotated().ifPresent(time -> put(answer, "LastRotatedDate", time));
    }
    secret.deletion().ifPresent(deletion -> put(answer, "DeletedDate", deletion.due()));
    labels(secret, answer, "VersionIdsToStages");
    return answer;
  }

  private ObjectNode list(Request request) {
    boolean deletedToo = request.flag("IncludePlannedDeletion", false);
    Page page = Page.parse(request, 100);
    Comparator<Secret> order = order(request);
    List<SecretFilter> filters = SecretFilter.parse(request);
    List<Secret> secrets =
        store.all().stream()
            .filter(secret -> deletedToo || secret.deletion().isEmpty())
            .filter(secret -> filters.stream().allMatch(filter -> filter.test(secret)))
            .sorted(order)
            .toList();
    ObjectNode answer = Answers.empty();
    ArrayNode list = answer.putArray("SecretList");
    page.of(secrets, answer).forEach(secret -> listed(secret, list));
    return answer;
  }

  private static void listed(Secret secret, ArrayNode list) {
    ObjectNode entry = Answers.of(secret);
    list.add(entry);
    details(secret, entry);
    secret.rotation().lastRotated().ifPresent(time -> put(entry, "LastRotatedDate", time));
    secret.deletion().ifPresent(deletion -> put(entry, "DeletedDate", deletion.requested()));
    labels(secret, entry, "SecretVersionsToStages");
  }

  private static Comparator<Secret> order(Request request) {
    String by = request.text("SortBy", 1, 256).orElse("created-date");
    String order = request.text("SortOrder", 1, 256).orElse("asc");
    Comparator<Secret> ascending =
        switch (by) {
          case "created-date" -> Comparator.comparing(Secret::created);
          case "last-changed-date" -> Comparator.comparing(Secret::lastChanged);
          case "last-accessed-date" ->
              Comparator.comparing(secret -> secret.lastAccessed().orElse(Instant.EPOCH));
          case "name" -> Comparator.comparing(Secret::name);
          default ->
              throw ServiceException.constraint(
                  "sortBy",
                  "Member must satisfy enum value set: [created-date, last-accessed-date,"
                      + " last-changed-date, name]");
        };
    return switch (order) {
      case "asc" -> ascending;
      case "desc" -> ascending.reversed();
      default ->
          throw ServiceException.constraint(
              "sortOrder", "Member must satisfy enum value set: [asc, desc]");
    };
  }

  /** Writes the fields that both answers have, each only if it has a value. */
  private static void details(Secret secret, ObjectNode answer) {
    RotationState rotation = secret.rotation();
    secret.description().ifPresent(text -> answer.put("Description", text));
    secret.kmsKeyId().ifPresent(id -> answer.put("KmsKeyId", id));
    rotation.enabled().ifPresent(enabled -> answer.put("RotationEnabled", enabled));
    rotation.functionArn().ifPresent(arn -> answer.put("RotationLambdaARN", arn));
    rotation
        .rules()
        .ifPresent(
            rules -> {
              ObjectNode fields = answer.putObject("RotationRules");
              rules.writeTo(fields);
              rotation.daysBetween().ifPresent(days -> fields.put("AutomaticallyAfterDays", days));
            });
    rotation.nextRotation().ifPresent(time -> put(answer, "NextRotationDate", time));
    put(answer, "LastChangedDate", secret.lastChanged());
    secret.lastAccessed().ifPresent(time -> put(answer, "LastAccessedDate", time));
    secret.tags().ifPresent(tags -> Answers.putTags(answer, tags));
    put(answer, "CreatedDate", secret.created());
  }

  private static void labels(Secret secret, ObjectNode answer, String field) {
    List<SecretVersion> labelled =
        secret.versions().all().stream().filter(version -> !version.labels().isEmpty()).toList();
    if (!labelled.isEmpty()) {
      ObjectNode map = answer.putObject(field);
      labelled.forEach(version -> version.labels().forEach(map.putArray(version.id())::add));
    }
  }

  private static void put(ObjectNode answer, String field, Instant time) {
    answer.put(field, Answers.time(time));
  }
}
