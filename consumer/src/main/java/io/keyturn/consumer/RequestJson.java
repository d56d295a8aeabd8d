package io.keyturn.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.consumer.QueryException.BadRequestException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Reads the values of a request, and refuses those of the wrong JSON type. */
final class RequestJson {
  private RequestJson() {}

  static boolean isPresent(JsonNode node) {
    return !node.isMissingNode() && !node.isNull();
  }

  /** An empty string counts as absent: some clients always send the key. */
  static Optional<String> text(JsonNode object, String key) {
    JsonNode text = object.path(key);
    if (isPresent(text) && !text.isTextual()) {
      throw new BadRequestException("\"%s\" must be a string".formatted(key));
    }
    return Optional.ofNullable(text.textValue()).filter(value -> !value.isEmpty());
  }

  static boolean flag(JsonNode object, String key) {
    JsonNode flag = object.path(key);
    if (isPresent(flag) && !flag.isBoolean()) {
      throw new BadRequestException("\"%s\" must be true or false".formatted(key));
    }
    return flag.booleanValue();
  }

  static void requireList(JsonNode list, String where) {
    if (!list.isArray()) {
      throw new BadRequestException("\"%s\" must be a list".formatted(where));
    }
  }

  /** One of an enumeration's names, as it is written there. */
  static <E extends Enum<E>> Optional<E> choice(JsonNode object, String key, Class<E> kinds) {
    return text(object, key)
        .map(
            name ->
                Arrays.stream(kinds.getEnumConstants())
                    .filter(kind -> kind.name().equals(name))
                    .findFirst()
                    .orElseThrow(
                        () ->
                            new BadRequestException(
                                String.format(
                                    Locale.ROOT,
                                    "\"%s\" must be one of %s",
                                    key,
                                    Arrays.toString(kinds.getEnumConstants())))));
  }
}
