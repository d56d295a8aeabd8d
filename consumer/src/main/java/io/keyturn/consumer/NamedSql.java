package io.keyturn.consumer;

import java.util.ArrayList;
import java.util.List;

/**
 * SQL with named parameters ({@code :name}), in the form that JDBC takes.
 *
 * <p>A colon in a text, a quoted name, a comment, a dollar-quoted text, a cast ({@code ::}), an
 * assignment ({@code :=}) or before a digit (an array slice) names no parameter; and a question
 * mark there or anywhere else stays PostgreSQL's own operator.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">PostgreSQL's
 *     lexical structure</a>
 */
final class NamedSql {
  private final String sql;
  private final StringBuilder jdbc = new StringBuilder();
  private final List<String> names = new ArrayList<>();
  private int at;

  private NamedSql(String sql) {
    this.sql = sql;
  }

  static NamedSql parse(String sql) {
    NamedSql parsed = new NamedSql(sql);
    while (parsed.at < sql.length()) {
      parsed.token();
    }
    return parsed;
  }

  /** The statement with a question mark for each parameter. */
  String jdbc() {
    return jdbc.toString();
  }

  /** The parameters' names, one for each question mark, in that order. */
  List<String> names() {
    return names;
  }

  private void token() {
    char c = sql.charAt(at);
    if (c == '\'') {
      copyQuoted('\'', isEscapeString());
    } else if (c == '"') {
      copyQuoted('"', false);
    } else if (sql.startsWith("--", at)) {
      copyTo(endOfLine());
    } else if (sql.startsWith("/*", at)) {
      copyTo(endOfComment());
    } else if (c == '$' && !isNamePart(at - 1)) {
      copyTo(endOfDollarQuote());
    } else if (c == ':') {
      colon();
    } else if (c == '?') {
      // JDBC's way to write the operator.
      jdbc.append("??");
      at++;
    } else {
      copyTo(at + 1);
    }
  }

  private void colon() {
    if (sql.startsWith("::", at) || sql.startsWith(":=", at)) {
      copyTo(at + 2);
      return;
    }
    int end = at + 1;
    if (end < sql.length() && isNameStart(sql.charAt(end))) {
      while (isNamePart(end)) {
        end++;
      }
      names.add(sql.substring(at + 1, end));
      jdbc.append('?');
      at = end;
    } else {
      copyTo(end);
    }
  }

  /** A quote inside is written twice, which reads as one text ending and another one beginning. */
  private void copyQuoted(char quote, boolean backslashEscapes) {
    int end = at + 1;
    while (end < sql.length() && sql.charAt(end) != quote) {
      end += backslashEscapes && sql.charAt(end) == '\\' ? 2 : 1;
    }
    copyTo(end + 1);
  }

  private boolean isEscapeString() {
    return at > 0 && "eE".indexOf(sql.charAt(at - 1)) >= 0 && !isNamePart(at - 2);
  }

  private int endOfLine() {
    int end = sql.indexOf('\n', at);
    return end < 0 ? sql.length() : end;
  }

  /** Comments nest. */
  private int endOfComment() {
    int depth = 0;
    int end = at;
    while (end < sql.length()) {
      if (sql.startsWith("/*", end)) {
        depth++;
        end += 2;
      } else if (sql.startsWith("*/", end)) {
        depth--;
        end += 2;
        if (depth == 0) {
          return end;
        }
      } else {
        end++;
      }
    }
    return end;
  }

  private int endOfDollarQuote() {
    int tagEnd = at + 1;
    while (isNamePart(tagEnd) && sql.charAt(tagEnd) != '$') {
      tagEnd++;
    }
    boolean isQuote =
        tagEnd < sql.length()
            && sql.charAt(tagEnd) == '$'
            && (tagEnd == at + 1 || isNameStart(sql.charAt(at + 1)));
    if (!isQuote) {
      return at + 1;
    }
    String tag = sql.substring(at, tagEnd + 1);
    int end = sql.indexOf(tag, tagEnd + 1);
    return end < 0 ? sql.length() : end + tag.length();
  }

  private void copyTo(int end) {
    int stop = Math.min(end, sql.length());
    jdbc.append(sql, at, stop);
    at = stop;
  }

  private static boolean isNameStart(char c) {
    return Character.isLetter(c) || c == '_';
  }

  private boolean isNamePart(int index) {
    if (index < 0 || index >= sql.length()) {
      return false;
    }
    char c = sql.charAt(index);
    return isNameStart(c) || Character.isDigit(c) || c == '$';
  }
}
