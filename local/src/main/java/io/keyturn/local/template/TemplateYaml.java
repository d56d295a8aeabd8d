package io.keyturn.local.template;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads a template's YAML (or JSON) into maps, lists and texts.
 *
 * <p>Numbers and booleans stay as they are written, since CloudFormation passes on {@code 007} and
 * {@code 1.10} so. Short functions become long ones: {@code !Sub x} is {@code {"Fn::Sub": "x"}}.
 */
final class TemplateYaml {
  private final Path file;

  private TemplateYaml(Path file) {
    this.file = file;
  }

  static Map<String, Object> read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw Place.top(file).error("there is no such file; name a SAM template", e);
    } catch (IOException e) {
      throw Place.top(file).error("it cannot be read as UTF-8 text: " + e.getMessage(), e);
    }
    Object document;
    try {
      LoadSettings settings =
          LoadSettings.builder().setLabel(file.toString()).setAllowNonScalarKeys(true).build();
      document =
          new Compose(settings)
              .composeString(text)
              .map(new TemplateYaml(file)::convert)
              .orElseThrow(() -> Place.top(file).error("it is empty; a SAM template is expected"));
    } catch (YamlEngineException e) {
      throw Place.top(file).error("it is not YAML: " + e.getMessage(), e);
    }
    return Values.map(document, Place.top(file));
  }

  private Object convert(Node node) {
    if (node.isRecursive()) {
      throw error(node, "an anchor holds an alias of itself");
    }
    String tag = node.getTag().getValue();
    // A tag with one ! is a function, not a type of YAML.
    if (tag.startsWith("!")) {
      return function(tag.substring(1), untagged(node));
    }
    return node.getTag().equals(Tag.NULL) ? null : untagged(node);
  }

  private Object untagged(Node node) {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    if (node instanceof SequenceNode sequence) {
      List<Object> list = new ArrayList<>();
      sequence.getValue().forEach(item -> list.add(convert(item)));
      return list;
    }
    Map<String, Object> map = new LinkedHashMap<>();
    for (NodeTuple entry : ((MappingNode) node).getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        throw error(entry.getKeyNode(), "a key is not a string");
      }
      if (map.containsKey(key.getValue())) {
        throw error(key, "key " + key.getValue() + " is duplicated; remove one of them");
      }
      map.put(key.getValue(), convert(entry.getValueNode()));
    }
    return map;
  }

  private static Map<String, Object> function(String name, Object argument) {
    Map<String, Object> function = new LinkedHashMap<>();
    if (name.equals("Ref") || name.equals("Condition")) {
      function.put(name, argument);
    } else if (name.equals("GetAtt") && argument instanceof String text && text.contains(".")) {
      int dot = text.indexOf('.');
      function.put("Fn::GetAtt", List.of(text.substring(0, dot), text.substring(dot + 1)));
    } else {
      function.put("Fn::" + name, argument);
    }
    return function;
  }

  private TemplateException error(Node node, String problem) {
    String line = node.getStartMark().map(mark -> "line " + (mark.getLine() + 1)).orElse("");
    return new TemplateException(file, line, problem);
  }
}
