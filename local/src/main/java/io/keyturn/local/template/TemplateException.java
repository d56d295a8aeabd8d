package io.keyturn.local.template;

import java.nio.file.Path;

/** Thrown if a template cannot be read. The message says where, and what is expected. */
public final class TemplateException extends RuntimeException {
  TemplateException(Path file, String place, String problem) {
    this(file, place, problem, null);
  }

  TemplateException(Path file, String place, String problem, Throwable cause) {
    super(file + (place.isEmpty() ? "" : ", " + place) + ": " + problem, cause);
  }
}
