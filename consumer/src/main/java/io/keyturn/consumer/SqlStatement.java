package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.BadRequestException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/**
 * The one statement of a request, with named parameters ({@code :name}), in the form that JDBC
 * takes.
 *
 * <p>The server would refuse a second statement as well, but only after the driver had split the
 * SQL and run each part. A question mark stays PostgreSQL's own operator.
 */
final class SqlStatement {
  private static final Set<String> CHANGES = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");

  private static final Set<String> TRANSACTION_CONTROL =
      Set.of("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE");

  private final String sql;
  private final boolean standardConformingStrings;
  private final StringBuilder jdbc = new StringBuilder();
  private final List<Use> uses = new ArrayList<>();
  private final Words words = new Words();

  /** How many characters the server gets, where a parameter is {@code $1}. */
  private int sent;

  /** The semicolon that is the end of the statement; -1 before it. */
  private int end = -1;

  private boolean empty = true;

  /**
   * Where the SQL has a parameter.
   *
   * @param sentStart what stands before it in what the server gets, in characters
   * @param sentEnd the same with what stands for it
   */
  private record Use(String name, int start, int end, int sentStart, int sentEnd) {}

  private SqlStatement(String sql, boolean standardConformingStrings) {
    this.sql = sql;
    this.standardConformingStrings = standardConformingStrings;
  }

  /**
   * Reads the statement up to a semicolon at its end.
   *
   * @param standardConformingStrings the server's setting of that name
   * @param parameters the names of the request's parameters; only these may begin with a digit
   * @throws BadRequestException if there is no statement, more than one, or one that begins or ends
   *     a transaction or needs a stream of its own
   */
  static SqlStatement parse(String sql, boolean standardConformingStrings, Set<String> parameters) {
    SqlStatement statement = new SqlStatement(sql, standardConformingStrings);
    SqlLexer lexer = new SqlLexer(sql, standardConformingStrings, parameters);
    while (lexer.next()) {
      statement.read(lexer);
    }
    if (statement.empty) {
      throw new BadRequestException("\"sql\" holds no statement, only comments or semicolons");
    }
    return statement;
  }

  private void read(SqlLexer token) {
    boolean space = token.kind() == SqlLexer.Kind.SPACE;
    boolean semicolon = token.kind() == SqlLexer.Kind.SEMICOLON && !words.inside();
    if (end < 0 && semicolon) {
      end = token.start();
    } else if (end < 0) {
      append(token);
    } else if (!space && !semicolon) {
      throw new BadRequestException(
          ("\"sql\" holds more than one statement: the semicolon at position %d is not at its end."
                  + " Send one request for each; for many rows use \"parameterSets\"")
              .formatted(end + 1));
    }
    if (!space && !semicolon) {
      empty = false;
      words.add(token, token.start() > 0 ? sql.charAt(token.start() - 1) : ' ');
    }
  }

  private void append(SqlLexer token) {
    if (token.kind() == SqlLexer.Kind.PARAMETER) {
      appendParameter(token);
      return;
    }
    // Two of them are JDBC's way to write the operator.
    jdbc.append(token.kind() == SqlLexer.Kind.QUESTION_MARK ? "??" : token.text());
    sent += sql.codePointCount(token.start(), token.end());
  }

  private void appendParameter(SqlLexer token) {
    int before = sent;
    if (token.followsName()) {
      // "LIMIT$1" would be a name.
      jdbc.append(' ');
      sent++;
    }
    jdbc.append('?');
    sent += NativeQuery.bindName(uses.size() + 1).length();
    if (token.end() < sql.length() && "?:".indexOf(sql.charAt(token.end())) >= 0) {
      // A mark and another one would be the operator.
      jdbc.append(' ');
      sent++;
    }
    uses.add(new Use(token.text().substring(1), token.start(), token.end(), before, sent));
  }

  /** The words of the statement, which say what kind of statement it is and where it goes on. */
  private static final class Words {
    /** The first word, in capitals. */
    private String command = "";

    private String last = "";
    private int parentheses;

    /**
     * In a function's body of SQL (BEGIN ATOMIC … END) a semicolon ends a statement of the body;
     * CASE … END may stand in it.
     */
    private int body;

    /** Whether a semicolon is not the end of the statement. */
    boolean inside() {
      // In parentheses it separates the commands of a rule (CREATE RULE … DO (…; …)).
      return parentheses > 0 || body > 0;
    }

    void add(SqlLexer token, char before) {
      switch (token.kind()) {
        case OPEN -> parentheses++;
        case CLOSE -> parentheses--;
        case WORD -> add(token.text().toUpperCase(Locale.ROOT), before);
        default -> {}
      }
    }

    private void add(String word, char before) {
      if (command.isEmpty()) {
        command = word;
      }
      boolean second = command.equals(last);
      if (TRANSACTION_CONTROL.contains(command)
          || (command.equals("PREPARE") && second && word.equals("TRANSACTION"))) {
        throw new BadRequestException(
            ("%s cannot be a request: every request is a transaction of its own, which is committed"
                    + " if it succeeds. To change several rows or nothing, send \"parameterSets\""
                    + " or one statement WITH data-modifying parts")
                .formatted(command));
      }
      if (command.equals("COPY")
          && parentheses == 0
          && (word.equals("STDIN") || word.equals("STDOUT"))
          && (last.equals("FROM") || last.equals("TO"))) {
        throw new BadRequestException(
            "COPY %s %s cannot be a request, which has no such stream; use INSERT with \"parameterSets\", or SELECT"
                .formatted(last, word));
      }
      // "t.end" and "AS end" are names.
      if (command.equals("CREATE") && before != '.' && !last.equals("AS")) {
        bodyWord(word);
      }
      last = word;
    }

    private void bodyWord(String word) {
      if (body == 0) {
        body = last.equals("BEGIN") && word.equals("ATOMIC") ? 1 : 0;
      } else if (word.equals("CASE")) {
        body++;
      } else if (word.equals("END")) {
        body--;
      }
    }
  }

  /** The statement with a question mark for each parameter. */
  String jdbc() {
    return jdbc.toString();
  }

  /** The parameters' names, one for each question mark, in that order. */
  List<String> names() {
    return uses.stream().map(Use::name).toList();
  }

  /** The first word, in capitals. */
  String command() {
    return words.command;
  }

  /** Whether rows that it gives (RETURNING) are those that it changed. */
  boolean changesItsRows() {
    return CHANGES.contains(command());
  }

  /** Whether a bracket stands before this parameter, which may then be meant as a slice's end. */
  boolean followsBracket(String name) {
    return uses.stream()
        .filter(use -> use.name().equals(name))
        .anyMatch(use -> sql.lastIndexOf('[', use.start()) > sql.lastIndexOf(']', use.start()));
  }

  /**
   * The driver reads the SQL once more, and not in every corner as the server does. Where it would
   * split or bind the statement in another way, it must not have it.
   */
  void requireDriverAgrees() throws SQLException {
    String plain = Parser.replaceProcessing(jdbc(), true, standardConformingStrings);
    List<NativeQuery> queries =
        Parser.parseJdbcSql(plain, standardConformingStrings, true, true, false, false);
    if (queries.size() != 1 || queries.get(0).bindPositions.length != uses.size()) {
      throw new BadRequestException(
          "The PostgreSQL driver reads this SQL in another way than PostgreSQL does; write its comments and texts more"
              + " plainly");
    }
  }

  /**
   * Where in the caller's SQL it is that the server means.
   *
   * @param sentPosition a position in what the server got, where a parameter is {@code $1}; both
   *     count characters, not UTF-16 units, from 1
   */
  int position(int sentPosition) {
    int offset = sentPosition - 1;
    int useEnd = 0;
    int sentEnd = 0;
    for (Use use : uses) {
      if (offset < use.sentStart()) {
        break;
      }
      if (offset < use.sentEnd()) {
        return sql.codePointCount(0, use.start()) + 1;
      }
      useEnd = use.end();
      sentEnd = use.sentEnd();
    }
    return sql.codePointCount(0, useEnd) + offset - sentEnd + 1;
  }
}
