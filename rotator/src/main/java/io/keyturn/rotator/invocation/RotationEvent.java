package io.keyturn.rotator.invocation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;

/**
 * The event of Secrets Manager: one step of the rotation of one secret.
 *
 * @param token the ClientRequestToken, which is the id of the version that the rotation makes
 * @param rotationToken by which Secrets Manager recognizes the function, whatever role it has
 *     assumed; null in older events. It is as confidential as a password
 */
public record RotationEvent(Step step, String secretId, String token, String rotationToken) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Reads an event's keys. Unknown ones are ignored, since newer events have more of them. */
  public static RotationEvent of(Map<String, String> texts) {
    return new RotationEvent(
        Step.of(required(texts, "Step")),
        required(texts, "SecretId"),
        required(texts, "ClientRequestToken"),
        texts.get("RotationToken"));
  }

  private static String required(Map<String, String> texts, String key) {
    String text = texts.get(key);
    if (text == null || text.isBlank()) {
      throw notARotationEvent("\"%s\" is missing or not a string".formatted(key), null);
    }
    return text;
  }

  /** The keys of an event's object whose values are strings. */
  public static Map<String, String> topLevelTexts(InputStream json) {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw notARotationEvent("it is not a JSON object", null);
      }
      Map<String, String> texts = new HashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        if (parser.nextToken() == JsonToken.VALUE_STRING) {
          texts.put(key, parser.getText());
        } else {
          parser.skipChildren();
        }
      }
      return texts;
    } catch (IOException e) {
      throw notARotationEvent("it is not valid JSON", e);
    }
  }

  private static RotationException notARotationEvent(String problem, Throwable cause) {
    return new RotationException(
        ("This is not a rotation event of Secrets Manager: %s. Expected"
                + " {\"Step\":…,\"SecretId\":…,\"ClientRequestToken\":…}. Secrets Manager sends it when"
                + " RotateSecret names this function")
            .formatted(problem),
        cause);
  }
}
