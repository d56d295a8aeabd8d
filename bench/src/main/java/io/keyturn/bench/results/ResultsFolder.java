package io.keyturn.bench.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.bench.measure.BenchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** Writes results as files: every sample as JSON, and medians and ratios as Markdown. */
public final class ResultsFolder {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ResultsFolder() {}

  public static void write(Results results, Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(
          folder.resolve("results.json"), JSON.writeValueAsString(json(results)) + "\n");
      Files.writeString(folder.resolve("results.md"), markdown(results));
    } catch (IOException e) {
      throw new BenchException("The results could not be written to " + folder + ": " + e, e);
    }
  }

  private static ObjectNode json(Results results) {
    ObjectNode root = JSON.createObjectNode().put("title", results.title());
    ObjectNode conditions = root.putObject("conditions");
    results.conditions().forEach(conditions::put);
    ArrayNode medians = root.putArray("medians");
    for (int latency : results.latencies()) {
      for (String subject : results.subjects()) {
        ObjectNode values = values(medians, subject, latency);
        ObjectNode ratios = JSON.createObjectNode();
        for (Metric metric : results.metrics()) {
          put(values, metric, results.median(subject, latency, metric));
          if (metric.compared()) {
            put(ratios, metric, results.ratio(subject, latency, metric));
          }
        }
        if (!subject.equals(results.subjects().get(0))) {
          values.set("ratioTo", ratios);
        }
      }
    }
    ArrayNode samples = root.putArray("samples");
    for (Sample sample : results.samples()) {
      ObjectNode values = values(samples, sample.subject(), sample.latencyMillis());
      for (Metric metric : results.metrics()) {
        Double value = sample.values().get(metric);
        put(values, metric, value == null ? OptionalDouble.empty() : OptionalDouble.of(value));
      }
    }
    return root;
  }

  private static ObjectNode values(ArrayNode list, String subject, int latency) {
    return list.addObject().put("subject", subject).put("latencyMillis", latency);
  }

  private static void put(ObjectNode values, Metric metric, OptionalDouble value) {
    if (value.isPresent()) {
      values.put(metric.key(), Math.round(value.getAsDouble() * 1000) / 1000.0);
    }
  }

  private static String markdown(Results results) {
    StringBuilder text = new StringBuilder("# ").append(results.title()).append("\n\n");
    results
        .conditions()
        .forEach(
            (name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
    return text.append('\n').append(new ResultsTable(results)).append('\n').toString();
  }
}
