package io.keyturn.local.packaging;

import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The SAM templates with packages in place of the functions' jars.
 *
 * <p>Templates of their own, since what {@code CodeUri} names is uploaded only if no condition
 * chooses it. The texts are the same but for this, so that their comments stay.
 */
final class PackagedTemplate {
  private static final String SETTINGS = "samconfig.toml";
  private static final String ARCHITECTURES = "AllowedValues: [arm64, x86_64]\n";
  private static final String SNAP_START = "  SnapStart:\n    Type: String\n";
  private static final Pattern NESTED = Pattern.compile("(?m)^ +Location: (\\S+\\.yaml)$");

  private PackagedTemplate() {}

  /**
   * Writes a template and its nested templates, under their own names.
   *
   * @param codeUris the new values of CodeUri, by the present ones
   * @param architecture the only one that the packages run on
   * @param folder to write them into
   * @return the template that nests the others
   */
  static Path write(Path template, Map<String, String> codeUris, String architecture, Path folder) {
    try {
      Path written = writeOne(template, codeUris, architecture, folder);
      // SAM looks for it only next to the template.
      Path settings = template.resolveSibling(SETTINGS);
      if (Files.exists(settings)) {
        Files.copy(settings, folder.resolve(SETTINGS), StandardCopyOption.REPLACE_EXISTING);
      }
      return written;
    } catch (IOException e) {
      throw new UncheckedIOException("No packaged template could be written for " + template, e);
    }
  }

  private static Path writeOne(
      Path template, Map<String, String> codeUris, String architecture, Path folder)
      throws IOException {
    String text = Files.readString(template);
    for (String nested : NESTED.matcher(text).results().map(match -> match.group(1)).toList()) {
      writeOne(template.resolveSibling(nested), codeUris, architecture, folder);
    }
    for (Map.Entry<String, String> code : codeUris.entrySet()) {
      String property = "CodeUri: " + code.getKey();
      if (text.contains(property)) {
        text = replace(template, text, property, "CodeUri: " + code.getValue());
        text = replace(template, text, "Runtime: java25\n", "Runtime: provided.al2023\n");
      }
    }
    // SnapStart supports managed runtimes only.
    text =
        text.replace(
            SNAP_START + "    AllowedValues: [\"true\", \"false\"]\n    Default: \"true\"\n",
            SNAP_START + "    AllowedValues: [\"false\"]\n    Default: \"false\"\n");
    if (text.contains(ARCHITECTURES)) {
      text =
          replace(
              template,
              text,
              ARCHITECTURES + "    Default: arm64\n",
              "AllowedValues: [%s]\n    Default: %s\n".formatted(architecture, architecture));
    }
    return Files.writeString(folder.resolve(template.getFileName()), text);
  }

  private static String replace(Path template, String text, String old, String replacement) {
    int at = text.indexOf(old);
    if (at < 0 || text.indexOf(old, at + 1) >= 0) {
      throw new StackException(
          template + " must have this once, to be changed for the packages:\n" + old);
    }
    return text.replace(old, replacement);
  }
}
