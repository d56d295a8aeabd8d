package io.keyturn.local.template;

import java.nio.file.Path;

/** A location in a template, for errors. */
record Place(Path file, String path) {
  static Place top(Path file) {
    return new Place(file, "");
  }

  Place in(String key) {
    return new Place(file, path.isEmpty() ? key : path + "." + key);
  }

  Place in(int index) {
    return new Place(file, path + "[" + index + "]");
  }

  TemplateException error(String problem) {
    return new TemplateException(file, path, problem);
  }

  TemplateException error(String problem, Throwable cause) {
    return new TemplateException(file, path, problem, cause);
  }
}
