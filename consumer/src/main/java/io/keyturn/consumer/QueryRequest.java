package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.postgres.DatabaseSecret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A request in the shape of the RDS Data API's ExecuteStatement, or with {@code parameterSets} of
 * its BatchExecuteStatement.
 *
 * @param secretArn the secret to query with
 * @param database the database to query, if the secret names none
 * @param schema the search_path
 * @param parameters the named parameters of a single execution
 * @param parameterSets those of each execution of a batch; absent for a single execution
 * @param includeResultMetadata whether to describe the columns
 * @param format how to answer rows
 */
record QueryRequest(
    String sql,
    Optional<String> secretArn,
    Optional<String> database,
    Optional<String> schema,
    Map<String, Parameter> parameters,
    Optional<List<Map<String, Parameter>>> parameterSets,
    boolean includeResultMetadata,
    ResultFormat format) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One value.
   *
   * @param value an object with one key, such as {@code longValue}
   * @param hint the type of a text
   */
  record Parameter(JsonNode value, Optional<TypeHint> hint) {}

  /** The names that the SQL may use: those of every execution. */
  Set<String> parameterNames() {
    Set<String> names = new HashSet<>(parameters.keySet());
    parameterSets.ifPresent(sets -> sets.forEach(set -> names.addAll(set.keySet())));
    return names;
  }

  /** Reads a request, and ignores unknown keys: the SDK's client sends some. */
  static QueryRequest read(JsonNode request) {
    JsonNode sql = request.path("sql");
    if (!sql.isTextual() || sql.textValue().isBlank()) {
      throw new BadRequestException("\"sql\" is missing, empty or not a string");
    }
    // To the server it would be the end of the SQL.
    if (sql.textValue().indexOf('\0') >= 0) {
      throw new BadRequestException("\"sql\" contains a NUL character");
    }
    // Accepted, and without effect: a statement that takes too long is cancelled and rolled back.
    flag(request, "continueAfterTimeout");
    if (isPresent(request.path("parameters")) && isPresent(request.path("parameterSets"))) {
      throw new BadRequestException(
          "\"parameters\" is for one execution and \"parameterSets\" for a batch: give one of them");
    }
    return new QueryRequest(
        sql.textValue(),
        text(request, "secretArn"),
        database(request),
        text(request, "schema"),
        parameters(request.path("parameters"), "parameters"),
        parameterSets(request.path("parameterSets")),
        flag(request, "includeResultMetadata"),
        ResultFormat.read(request));
  }

  /** The event as JSON. */
  static JsonNode parse(InputStream json) {
    try {
      JsonNode request = JSON.readTree(json);
      if (request == null || !request.isObject()) {
        throw new BadRequestException(
            "The request is not a JSON object such as {\"sql\":\"SELECT 1\"}");
      }
      return request;
    } catch (JsonProcessingException e) {
      throw new BadRequestException("The request is not valid JSON", e);
    } catch (IOException e) {
      throw new BadRequestException("The request could not be read", e);
    }
  }

  private static Optional<List<Map<String, Parameter>>> parameterSets(JsonNode list) {
    if (!isPresent(list)) {
      return Optional.empty();
    }
    requireList(list, "parameterSets");
    List<Map<String, Parameter>> sets = new ArrayList<>();
    for (JsonNode set : list) {
      sets.add(parameters(set, "parameterSets[" + sets.size() + "]"));
    }
    return Optional.of(sets);
  }

  private static Map<String, Parameter> parameters(JsonNode list, String where) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    if (!isPresent(list)) {
      return parameters;
    }
    requireList(list, where);
    for (JsonNode parameter : list) {
      JsonNode name = parameter.path("name");
      JsonNode value = parameter.path("value");
      if (!name.isTextual() || !value.isObject()) {
        throw new BadRequestException(
            "Each of \"%s\" must be like {\"name\":\"id\",\"value\":{\"longValue\":1}}"
                .formatted(where));
      }
      Optional<TypeHint> hint = text(parameter, "typeHint").map(TypeHint::of);
      if (parameters.put(name.textValue(), new Parameter(value, hint)) != null) {
        throw new BadRequestException(
            "Parameter \"%s\" is given twice".formatted(name.textValue()));
      }
    }
    return parameters;
  }

  private static Optional<String> database(JsonNode request) {
    Optional<String> name = text(request, "database");
    if (name.isPresent()
        && (name.get().getBytes(StandardCharsets.UTF_8).length > DatabaseSecret.MAX_NAME_BYTES
            || name.get().indexOf('\0') >= 0)) {
      throw new BadRequestException(
          "\"database\" must have at most %d bytes and no NUL character"
              .formatted(DatabaseSecret.MAX_NAME_BYTES));
    }
    return name;
  }

  private static void requireList(JsonNode list, String where) {
    if (!list.isArray()) {
      throw new BadRequestException("\"%s\" must be a list".formatted(where));
    }
  }

  /** An empty string counts as absent: some clients always send the key. */
  static Optional<String> text(JsonNode object, String key) {
    JsonNode text = object.path(key);
    if (isPresent(text) && !text.isTextual()) {
      throw new BadRequestException("\"%s\" must be a string".formatted(key));
    }
    return Optional.ofNullable(text.textValue()).filter(value -> !value.isEmpty());
  }

  private static boolean flag(JsonNode object, String key) {
    JsonNode flag = object.path(key);
    if (isPresent(flag) && !flag.isBoolean()) {
      throw new BadRequestException("\"%s\" must be true or false".formatted(key));
    }
    return flag.booleanValue();
  }

  static boolean isPresent(JsonNode node) {
    return !node.isMissingNode() && !node.isNull();
  }
}
