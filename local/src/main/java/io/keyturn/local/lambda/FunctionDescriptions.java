package io.keyturn.local.lambda;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.support.LocalAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Describes functions as Lambda's API does, with the fields that the local stack knows. */
final class FunctionDescriptions {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private FunctionDescriptions() {}

  static ObjectNode list(List<FunctionDefinition> functions) {
    ObjectNode list = JSON.objectNode();
    var array = list.putArray("Functions");
    functions.forEach(function -> array.add(configuration(function)));
    return list;
  }

  static ObjectNode function(FunctionDefinition function) {
    ObjectNode description = JSON.objectNode();
    description.set("Configuration", configuration(function));
    description
        .putObject("Code")
        .put("RepositoryType", "file")
        .put("Location", function.jar().toUri().toString());
    description.putObject("Tags");
    return description;
  }

  static ObjectNode configuration(FunctionDefinition function) {
    ObjectNode configuration =
        JSON.objectNode()
            .put("FunctionName", function.name())
            .put("FunctionArn", function.arn())
            .put("Runtime", "java" + Runtime.version().feature())
            .put("Role", LocalAccount.globalArn("iam", "role/keyturn-local"))
            .put("Handler", function.handler())
            .put("CodeSize", size(function.jar()))
            .put("Timeout", function.timeout().toSeconds())
            .put("MemorySize", function.memorySize())
            .put("Version", "$LATEST")
            .put("State", "Active")
            .put("LastUpdateStatus", "Successful")
            .put("PackageType", "Zip");
    ObjectNode variables = configuration.putObject("Environment").putObject("Variables");
    function.environment().forEach(variables::put);
    return configuration;
  }

  private static long size(Path jar) {
    try {
      return Files.exists(jar) ? Files.size(jar) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException("The size of %s could not be read".formatted(jar), e);
    }
  }
}
