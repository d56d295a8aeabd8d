package io.keyturn.rotator;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The report of a check, as its caller reads it. */
record SecretChecked(JsonNode report) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static SecretChecked by(RotationHandler function, String secretId, Context context) {
    try {
      ByteArrayOutputStream report = new ByteArrayOutputStream();
      function.handleRequest(
          new ByteArrayInputStream(JSON.writeValueAsBytes(Map.of("Check", secretId))),
          report,
          context);
      return new SecretChecked(JSON.readTree(report.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text(String key) {
    return report.path(key).asText();
  }

  /** The reasons of the findings that block a rotation. */
  List<String> blocks() {
    return reasons("blocks");
  }

  List<String> reasons(String level) {
    return findings()
        .filter(f -> f.path("level").asText().equals(level))
        .map(f -> f.path("reason").asText())
        .toList();
  }

  /** The codes of all findings. */
  List<String> codes() {
    return findings().map(f -> f.path("code").asText()).toList();
  }

  private Stream<JsonNode> findings() {
    return StreamSupport.stream(report.path("findings").spliterator(), false);
  }
}
