package io.keyturn.local.packaging;

import io.keyturn.local.StackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * The SAM template with packages in place of the functions' jars.
 *
 * <p>A template of its own, since what {@code CodeUri} names is uploaded only if no condition
 * chooses it. The texts of both templates are the same but for this, so that their comments stay.
 */
final class PackagedTemplate {
  private static final String SETTINGS = "samconfig.toml";

  private PackagedTemplate() {}

  /**
   * Writes it.
   *
   * @param codeUris by what stands in the given template
   * @param architecture the only one that the packages run on
   */
  static void write(Path template, Map<String, String> codeUris, String architecture, Path file) {
    try {
      String text = Files.readString(template);
      for (Map.Entry<String, String> code : codeUris.entrySet()) {
        text = replace(template, text, "CodeUri: " + code.getKey(), "CodeUri: " + code.getValue());
      }
      text =
          replace(
              template,
              text,
              "AllowedValues: [managed, aot]\n    Default: managed\n",
              "AllowedValues: [managed, aot]\n    Default: aot\n");
      text =
          replace(template, text, "[!Ref RuntimePackage, managed]", "[!Ref RuntimePackage, aot]");
      text =
          replace(
              template,
              text,
              "AllowedValues: [arm64, x86_64]\n    Default: arm64\n",
              "AllowedValues: [%s]\n    Default: %s\n".formatted(architecture, architecture));
      Files.writeString(file, text);
      // SAM looks for it beside the template alone.
      Path settings = template.resolveSibling(SETTINGS);
      if (Files.exists(settings)) {
        Files.copy(settings, file.resolveSibling(SETTINGS), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("No template could be made of " + template, e);
    }
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
