package io.keyturn.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.lambda.LambdaException;
import io.keyturn.local.stack.LocalStack;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A query that a stack's packaged query function answers, registered once more for a test. */
final class FunctionQuery implements QueryClient.Query {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LocalStack stack;
  private final String function;

  private FunctionQuery(LocalStack stack, String function) {
    this.stack = stack;
    this.function = function;
  }

  /** Registers the query function once more, with these variables in addition. */
  static FunctionQuery register(LocalStack stack, String name, Map<String, String> variables) {
    FunctionDefinition original =
        stack.lambda().functions().stream()
            .filter(definition -> definition.name().equals(stack.queryFunction()))
            .findFirst()
            .orElseThrow();
    Map<String, String> environment = new HashMap<>(original.environment());
    environment.putAll(variables);
    stack
        .lambda()
        .register(
            new FunctionDefinition(
                name,
                FunctionDefinition.localArn(name),
                original.jar(),
                original.handler(),
                environment,
                original.timeout(),
                original.memorySize()));
    return new FunctionQuery(stack, name);
  }

  @Override
  public Optional<String> ask(long number) {
    InvocationResult result;
    try {
      result =
          stack
              .lambda()
              .invokeSync(
                  function,
                  "{\"sql\":\"SELECT :n + 1\",\"parameters\":[{\"name\":\"n\",\"value\":{\"longValue\":%d}}]}"
                      .formatted(number));
    } catch (LambdaException e) {
      return Optional.of(e.type() + ": " + e.getMessage());
    }
    if (result.error().isPresent()) {
      return result.error();
    }
    try {
      JsonNode answer = JSON.readTree(result.payload());
      return answer.at("/records/0/0/longValue").asLong() == number + 1
          ? Optional.empty()
          : Optional.of("A wrong answer: " + answer);
    } catch (IOException e) {
      return Optional.of("An answer that is no JSON: " + e.getMessage());
    }
  }
}
