package io.keyturn.local.secretsmanager.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The fields of one request, read with the limits the service model sets. Messages name the field
 * and the limit but not the value: it may be a secret.
 */
public final class Request {
  static final int MAX_VALUE_BYTES = 65_536;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9/_+=.@!-]+");
  private static final String INVALID_NAME =
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the"
          + " following: -/_+=.@!";

  private final JsonNode fields;

  public Request(JsonNode fields) {
    this.fields = fields;
  }

  /** The id of the secret as the caller wrote it, before any validation. */
  public Optional<String> rawSecretId() {
    JsonNode id = fields.has("SecretId") ? fields.get("SecretId") : fields.path("Name");
    return id.isTextual() ? Optional.of(id.textValue()) : Optional.empty();
  }

  /** The staging label the request names, before any validation. */
  public Optional<String> rawVersionStage() {
    JsonNode label = fields.path("VersionStage");
    return label.isTextual() ? Optional.of(label.textValue()) : Optional.empty();
  }

  public String secretId() {
    return checkedId("secretId", required("SecretId", 1, 2048));
  }

  /** Checks a secret's id in a list: an ARN, or a valid name. */
  public static String checkedId(String field, String id) {
    limit(field, id.length(), 1, 2048);
    if (!id.startsWith("arn:") && !NAME.matcher(id).matches()) {
      throw ServiceException.of("ValidationException", INVALID_NAME);
    }
    return id;
  }

  public String newName() {
    String name = required("Name", 1, 512);
    if (!NAME.matcher(name).matches()) {
      throw ServiceException.of("ValidationException", INVALID_NAME);
    }
    return name;
  }

  /** The token that becomes a version's id; {@code missing} makes the error for its absence. */
  public String token(Function<String, ServiceException> missing) {
    return text("ClientRequestToken", 32, 64)
        .orElseThrow(
            () ->
                missing.apply(
                    "You must provide a ClientRequestToken value. We recommend a UUID-type"
                        + " value."));
  }

  public String required(String field, int min, int max) {
    return text(field, min, max)
        .orElseThrow(() -> ServiceException.constraint(camel(field), "Member must not be null"));
  }

  public Optional<String> text(String field, int min, int max) {
    Optional<String> value = raw(field);
    value.ifPresent(v -> limit(camel(field), v.length(), min, max));
    return value;
  }

  public Optional<String> text(String field, int min, int max, Pattern pattern) {
    Optional<String> value = text(field, min, max);
    value.ifPresent(
        v -> {
          if (!pattern.matcher(v).matches()) {
            throw ServiceException.constraint(
                camel(field), "Member must satisfy regular expression pattern: " + pattern);
          }
        });
    return value;
  }

  private Optional<String> raw(String field) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      throw malformed(field, "a string");
    }
    return Optional.of(node.textValue());
  }

  public boolean flag(String field, boolean otherwise) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      throw malformed(field, "a boolean");
    }
    return node.booleanValue();
  }

  public OptionalLong number(String field) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return OptionalLong.empty();
    }
    if (!node.canConvertToLong() || !node.isIntegralNumber()) {
      throw malformed(field, "a whole number");
    }
    return OptionalLong.of(node.longValue());
  }

  public OptionalLong number(String field, long min, long max) {
    OptionalLong value = number(field);
    if (value.isPresent() && value.getAsLong() < min) {
      throw ServiceException.constraint(
          camel(field), "Member must have value greater than or equal to " + min);
    }
    if (value.isPresent() && value.getAsLong() > max) {
      throw ServiceException.constraint(
          camel(field), "Member must have value less than or equal to " + max);
    }
    return value;
  }

  /** The strings of a list, or nothing where the field is absent. */
  public Optional<List<String>> texts(
      String field, int minItems, int maxItems, int minText, int maxText) {
    return items(field, minItems, maxItems)
        .map(
            nodes -> {
              List<String> texts = new ArrayList<>();
              for (JsonNode node : nodes) {
                if (!node.isTextual()) {
                  throw malformed(field, "a list of strings");
                }
                limit(camel(field), node.textValue().length(), minText, maxText);
                texts.add(node.textValue());
              }
              return texts;
            });
  }

  /** The structures of a list, or nothing where the field is absent. */
  public Optional<List<Request>> structures(String field, int minItems, int maxItems) {
    return items(field, minItems, maxItems)
        .map(
            nodes -> {
              List<Request> structures = new ArrayList<>();
              for (JsonNode node : nodes) {
                if (!node.isObject()) {
                  throw malformed(field, "a list of structures");
                }
                structures.add(new Request(node));
              }
              return structures;
            });
  }

  private Optional<JsonNode> items(String field, int min, int max) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isArray()) {
      throw malformed(field, "a list");
    }
    limit(camel(field), node.size(), min, max);
    return Optional.of(node);
  }

  public Optional<Request> structure(String field) {
    JsonNode node = fields.path(field);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isObject()) {
      throw malformed(field, "a structure");
    }
    return Optional.of(new Request(node));
  }

  public boolean has(String field) {
    return fields.hasNonNull(field);
  }

  /** The secret value in SecretString or SecretBinary, or nothing if the request has neither. */
  public Optional<SecretValue> value() {
    if (has("SecretString") && has("SecretBinary")) {
      throw ServiceException.invalidParameter(
          "You can't specify both a binary secret value and a string secret value in the same"
              + " secret.");
    }
    Optional<String> text = raw("SecretString");
    if (text.isPresent()) {
      int bytes = text.get().getBytes(StandardCharsets.UTF_8).length;
      limit("secretString", bytes, 1, MAX_VALUE_BYTES);
      return text.map(SecretValue::ofString);
    }
    return raw("SecretBinary").map(this::binary);
  }

  private SecretValue binary(String base64) {
    byte[] bytes;
    try {
      bytes = TextNode.valueOf(base64).binaryValue();
    } catch (IOException e) {
      // Without its cause, whose message quotes the value.
      throw malformed("SecretBinary", "base64");
    }
    limit("secretBinary", bytes.length, 1, MAX_VALUE_BYTES);
    return SecretValue.ofBinary(bytes);
  }

  private static void limit(String field, int length, int min, int max) {
    if (length < min) {
      throw ServiceException.constraint(
          field, "Member must have length greater than or equal to " + min);
    }
    if (length > max) {
      throw ServiceException.constraint(
          field, "Member must have length less than or equal to " + max);
    }
  }

  private static ServiceException malformed(String field, String expected) {
    return ServiceException.of("SerializationException", field + " must be " + expected);
  }

  /** The service's messages name a field with a lower-case first letter. */
  private static String camel(String field) {
    return field.substring(0, 1).toLowerCase(Locale.ROOT) + field.substring(1);
  }
}
