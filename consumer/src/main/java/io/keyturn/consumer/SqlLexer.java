package io.keyturn.consumer;

import java.util.Set;

/**
 * Cuts SQL into what matters here of PostgreSQL's tokens: where a text, a quoted name or a comment
 * begins and ends, which words stand outside of them, and which colons name a parameter.
 *
 * <p>A cast ({@code ::}) and an assignment ({@code :=}) name none. A colon before a digit is an
 * array slice's ({@code a[1:2]}), unless the request has a parameter of that name ({@code :1}).
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">PostgreSQL's
 *     lexical structure</a>
 */
final class SqlLexer {
  enum Kind {
    /** A name or key word without quotes. */
    WORD,
    /** {@code :name}. */
    PARAMETER,
    QUESTION_MARK,
    SEMICOLON,
    OPEN,
    CLOSE,
    /** White space, or a comment. */
    SPACE,
    OTHER
  }

  private final String sql;
  private final boolean standardConformingStrings;
  private final Set<String> parameters;
  private Kind kind = Kind.SPACE;
  private int start;
  private int end;

  /**
   * @param standardConformingStrings the server's setting of that name: whether a backslash in a
   *     text without the prefix E is only itself
   * @param parameters the names that a colon before a digit may begin
   */
  SqlLexer(String sql, boolean standardConformingStrings, Set<String> parameters) {
    this.sql = sql;
    this.standardConformingStrings = standardConformingStrings;
    this.parameters = parameters;
  }

  /** Moves to the next token, if there is one. */
  boolean next() {
    if (end >= sql.length()) {
      return false;
    }
    start = end;
    kind = read(sql.charAt(start));
    end = Math.min(end, sql.length());
    return true;
  }

  Kind kind() {
    return kind;
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  String text() {
    return sql.substring(start, end);
  }

  /** Whether the token stands right behind a name or number. */
  boolean followsName() {
    return isNamePart(start - 1);
  }

  private Kind read(char c) {
    end = start + 1;
    switch (c) {
      case '\'' -> end = endOfText(isEscapeString());
      case '"' -> end = endOfQuoted(start, '"', false);
      case '$' -> end = endOfDollarQuote();
      case '?' -> {
        return Kind.QUESTION_MARK;
      }
      case ';' -> {
        return Kind.SEMICOLON;
      }
      case '(' -> {
        return Kind.OPEN;
      }
      case ')' -> {
        return Kind.CLOSE;
      }
      case ':' -> {
        return colon();
      }
      default -> {
        return longest(c);
      }
    }
    return Kind.OTHER;
  }

  private Kind longest(char c) {
    if (isSpace(c)) {
      end = endOfSpace(start);
      return Kind.SPACE;
    }
    if (sql.startsWith("--", start)) {
      end = endOfLine(start);
      return Kind.SPACE;
    }
    if (sql.startsWith("/*", start)) {
      end = endOfComment();
      return Kind.SPACE;
    }
    if (isNamePart(start)) {
      end = endOfName(start);
      return isNameStart(c) ? Kind.WORD : Kind.OTHER;
    }
    return Kind.OTHER;
  }

  private Kind colon() {
    if (sql.startsWith("::", start) || sql.startsWith(":=", start)) {
      end = start + 2;
      return Kind.OTHER;
    }
    int nameEnd = endOfName(end);
    boolean named =
        nameEnd > end
            && (isNameStart(sql.charAt(end))
                || (isDigit(sql.charAt(end)) && parameters.contains(sql.substring(end, nameEnd))));
    if (!named) {
      return Kind.OTHER;
    }
    end = nameEnd;
    return Kind.PARAMETER;
  }

  /**
   * A text goes on after a line break, with the rules of its beginning. A quote inside is written
   * twice, which reads as one text ending and another one beginning.
   */
  private int endOfText(boolean backslashEscapes) {
    int close = endOfQuoted(start, '\'', backslashEscapes);
    while (backslashEscapes && close < sql.length()) {
      int next = startOfContinuation(close);
      if (next < 0) {
        return close;
      }
      close = endOfQuoted(next, '\'', true);
    }
    return close;
  }

  private int startOfContinuation(int close) {
    int at = close;
    boolean newLine = false;
    while (at < sql.length()
        && (isSpace(sql.charAt(at)) || (newLine && sql.startsWith("--", at)))) {
      newLine |= isLineBreak(sql.charAt(at));
      at = sql.charAt(at) == '-' ? endOfLine(at) : at + 1;
    }
    boolean quote = at < sql.length() && sql.charAt(at) == '\'';
    return quote && (newLine || at == close) ? at : -1;
  }

  private int endOfQuoted(int open, char quote, boolean backslashEscapes) {
    int at = open + 1;
    while (at < sql.length() && sql.charAt(at) != quote) {
      at += backslashEscapes && sql.charAt(at) == '\\' ? 2 : 1;
    }
    return at + 1;
  }

  private boolean isEscapeString() {
    return !standardConformingStrings
        || (start > 0 && "eE".indexOf(sql.charAt(start - 1)) >= 0 && !isNamePart(start - 2));
  }

  private int endOfSpace(int from) {
    int at = from;
    while (at < sql.length() && isSpace(sql.charAt(at))) {
      at++;
    }
    return at;
  }

  private int endOfLine(int from) {
    int at = from;
    while (at < sql.length() && !isLineBreak(sql.charAt(at))) {
      at++;
    }
    return at;
  }

  /** Comments nest. */
  private int endOfComment() {
    int depth = 0;
    int at = start;
    while (at < sql.length()) {
      if (sql.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        depth--;
        at += 2;
        if (depth == 0) {
          return at;
        }
      } else {
        at++;
      }
    }
    return at;
  }

  private int endOfDollarQuote() {
    int tagEnd = start + 1;
    while (isNamePart(tagEnd) && sql.charAt(tagEnd) != '$') {
      tagEnd++;
    }
    boolean isQuote =
        tagEnd < sql.length()
            && sql.charAt(tagEnd) == '$'
            && (tagEnd == start + 1 || isNameStart(sql.charAt(start + 1)));
    if (!isQuote) {
      return start + 1;
    }
    String tag = sql.substring(start, tagEnd + 1);
    int close = sql.indexOf(tag, tagEnd + 1);
    return close < 0 ? sql.length() : close + tag.length();
  }

  private int endOfName(int from) {
    int at = from;
    while (isNamePart(at)) {
      at++;
    }
    return at;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private static boolean isLineBreak(char c) {
    return c == '\n' || c == '\r';
  }

  /** Every character that is not ASCII may stand in a name. */
  private static boolean isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c > 127;
  }

  private boolean isNamePart(int index) {
    if (index < 0 || index >= sql.length()) {
      return false;
    }
    char c = sql.charAt(index);
    return isNameStart(c) || isDigit(c) || c == '$';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
