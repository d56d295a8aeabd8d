package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.consumer.QueryException.BadRequestException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request in the shape of the RDS Data API's ExecuteStatement.
 *
 * @param parameters the value of each named parameter: an object with one key, such as {@code
 *     longValue}
 */
record QueryRequest(String sql, Map<String, JsonNode> parameters, boolean includeResultMetadata) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads a request; keys that it does not know are left alone, as the SDK's client sends some. */
  static QueryRequest read(InputStream json) {
    JsonNode request = parse(json);
    JsonNode sql = request.path("sql");
    if (!sql.isTextual() || sql.textValue().isBlank()) {
      throw new BadRequestException("\"sql\" is missing, empty or not a text");
    }
    JsonNode metadata = request.path("includeResultMetadata");
    if (!metadata.isMissingNode() && !metadata.isNull() && !metadata.isBoolean()) {
      throw new BadRequestException("\"includeResultMetadata\" must be true or false");
    }
    return new QueryRequest(
        sql.textValue(), parameters(request.path("parameters")), metadata.booleanValue());
  }

  private static JsonNode parse(InputStream json) {
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

  private static Map<String, JsonNode> parameters(JsonNode list) {
    if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
      throw new BadRequestException("\"parameters\" must be a list");
    }
    Map<String, JsonNode> parameters = new LinkedHashMap<>();
    for (JsonNode parameter : list) {
      JsonNode name = parameter.path("name");
      JsonNode value = parameter.path("value");
      if (!name.isTextual() || !value.isObject()) {
        throw new BadRequestException(
            "Each of \"parameters\" must be like {\"name\":\"id\",\"value\":{\"longValue\":1}}");
      }
      if (parameters.put(name.textValue(), value) != null) {
        throw new BadRequestException("Parameter \"" + name.textValue() + "\" is given twice");
      }
    }
    return parameters;
  }
}
