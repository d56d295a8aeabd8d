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
    RequestJson.flag(request, "continueAfterTimeout");
    if (RequestJson.isPresent(request.path("parameters"))
        && RequestJson.isPresent(request.path("parameterSets"))) {
      throw new BadRequestException(
          "\"parameters\" is for one execution and \"parameterSets\" for a batch: give one of them");
    }
    return new QueryRequest(
        sql.textValue(),
        RequestJson.text(request, "secretArn"),
        database(request),
        RequestJson.text(request, "schema"),
        parameters(request.path("parameters"), "parameters"),
        parameterSets(request.path("parameterSets")),
        RequestJson.flag(request, "includeResultMetadata"),
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
    if (!RequestJson.isPresent(list)) {
      return Optional.empty();
    }
    RequestJson.requireList(list, "parameterSets");
    List<Map<String, Parameter>> sets = new ArrayList<>();
    for (JsonNode set : list) {
      sets.add(parameters(set, "parameterSets[" + sets.size() + "]"));
    }
    return Optional.of(sets);
  }

  private static Map<String, Parameter> parameters(JsonNode list, String where) {
    Map<String, Parameter> parameters = new LinkedHashMap<>();
    if (!RequestJson.isPresent(list)) {
      return parameters;
    }
    RequestJson.requireList(list, where);
    for (JsonNode parameter : list) {
      JsonNode name = parameter.path("name");
      JsonNode value = parameter.path("value");
      if (!name.isTextual() || !value.isObject()) {
        throw new BadRequestException(
            "Each of \"%s\" must be like {\"name\":\"id\",\"value\":{\"longValue\":1}}"
                .formatted(where));
      }
      Optional<TypeHint> hint = RequestJson.choice(parameter, "typeHint", TypeHint.class);
      if (parameters.put(name.textValue(), new Parameter(value, hint)) != null) {
        throw new BadRequestException(
            "Parameter \"%s\" is given twice".formatted(name.textValue()));
      }
    }
    return parameters;
  }

  private static Optional<String> database(JsonNode request) {
    Optional<String> name = RequestJson.text(request, "database");
    if (name.isPresent()
        && (name.get().getBytes(StandardCharsets.UTF_8).length > DatabaseSecret.MAX_NAME_BYTES
            || name.get().indexOf('\0') >= 0)) {
      throw new BadRequestException(
          "\"database\" must have at most %d bytes and no NUL character"
              .formatted(DatabaseSecret.MAX_NAME_BYTES));
    }
    return name;
  }
}
