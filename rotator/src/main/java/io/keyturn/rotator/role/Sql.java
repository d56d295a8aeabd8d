package io.keyturn.rotator.role;

/** Quotes names and texts for statements that take no parameters. */
public final class Sql {
  private Sql() {}

  /** A name as an identifier. */
  public static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A text as a literal, whatever standard_conforming_strings is. */
  public static String literal(String text) {
    String quoted = '\'' + text.replace("'", "''").replace("\\", "\\\\") + '\'';
    return text.indexOf('\\') < 0 ? quoted : " E" + quoted;
  }
}
