package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.permissions.Policy;
import io.keyturn.local.permissions.PolicyException;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Keeps the resource policies of secrets, which functions are held to. */
public final class PolicyOperations {
  private static final int MAX_POLICY = 20_480;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final SecretStore store;

  PolicyOperations(SecretStore store) {
    this.store = store;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("PutResourcePolicy", this::put);
    operations.put("GetResourcePolicy", this::get);
    operations.put("DeleteResourcePolicy", this::delete);
    operations.put("ValidateResourcePolicy", this::validate);
  }

  private ObjectNode put(Request request) {
    String text = request.required("ResourcePolicy", 1, MAX_POLICY);
    JsonNode policy = parsed(text);
    enforced(text);
    Secret secret = store.live(request.secretId());
    if (request.flag("BlockPublicPolicy", false) && isPublic(policy)) {
      throw ServiceException.of(
          "PublicPolicyException",
          "The resource policy grants broad access to the secret, which BlockPublicPolicy"
              + " forbids.");
    }
    secret.attachPolicy(text);
    secret.changed(store.now());
    return Answers.of(secret);
  }

  private ObjectNode get(Request request) {
    Secret secret = store.live(request.secretId());
    ObjectNode answer = Answers.of(secret);
    secret.policy().ifPresent(policy -> answer.put("ResourcePolicy", policy));
    return answer;
  }

  private ObjectNode delete(Request request) {
    Secret secret = store.live(request.secretId());
    secret.attachPolicy(null);
    secret.changed(store.now());
    return Answers.of(secret);
  }

  private ObjectNode validate(Request request) {
    JsonNode policy = parsed(request.required("ResourcePolicy", 1, MAX_POLICY));
    if (request.has("SecretId")) {
      store.live(request.secretId());
    }
    boolean passed = !isPublic(policy);
    ObjectNode answer = Answers.empty();
    answer.put("PolicyValidationPassed", passed);
    ArrayNode errors = answer.putArray("ValidationErrors");
    if (!passed) {
      errors
          .addObject()
          .put("CheckName", "PUBLIC_POLICY")
          .put("ErrorMessage", "The resource policy grants broad access to the secret.");
    }
    return answer;
  }

  /** Parses a policy for its enforcement. What cannot be evaluated is refused, not ignored. */
  public static Policy enforced(String policy) {
    try {
      return Policy.of(JSON.readValue(policy, Map.class));
    } catch (PolicyException | JsonProcessingException e) {
      throw ServiceException.of(
          "MalformedPolicyDocumentException",
          "The local Secrets Manager cannot enforce this resource policy: " + e.getMessage());
    }
  }

  private static JsonNode parsed(String policy) {
    try {
      JsonNode node = JSON.readTree(policy);
      if (node.path("Statement").isContainerNode()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw ServiceException.of(
          "MalformedPolicyDocumentException", "This resource policy contains invalid Json.");
    }
    throw ServiceException.of(
        "MalformedPolicyDocumentException", "This resource policy has no Statement.");
  }

  /** A statement that allows everyone, under no condition; the service itself looks deeper. */
  private static boolean isPublic(JsonNode policy) {
    JsonNode statement = policy.get("Statement");
    List<JsonNode> statements = new ArrayList<>();
    if (statement.isArray()) {
      statement.forEach(statements::add);
    } else {
      statements.add(statement);
    }
    return statements.stream()
        .filter(one -> one.path("Effect").asText().equals("Allow") && !one.has("Condition"))
        .map(one -> one.path("Principal"))
        .anyMatch(principal -> isWildcard(principal) || isWildcard(principal.path("AWS")));
  }

  private static boolean isWildcard(JsonNode principal) {
    return principal.asText().equals("*")
        || StreamSupport.stream(principal.spliterator(), false)
            .anyMatch(one -> principal.isArray() && one.asText().equals("*"));
  }
}
