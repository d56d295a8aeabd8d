package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.BadRequestException;
import java.util.Locale;
import java.util.Set;

/**
 * Finds the one statement that a request may hold, and refuses what cannot be one request's.
 *
 * <p>The server would refuse a second statement as well, but only after the driver had parted them,
 * and run each.
 */
final class SingleStatement {
  private static final Set<String> TRANSACTION_CONTROL =
      Set.of("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE");

  private final SqlLexer lexer;

  /** The first word, in capitals: what kind of statement it is. */
  private String command = "";

  private String lastWord = "";
  private int parentheses;

  /**
   * In a function's body of SQL (BEGIN ATOMIC … END) a semicolon ends a statement of the body; CASE
   * … END may stand in it.
   */
  private int body;

  /** The first semicolon that is the end of the statement; -1 before it. */
  private int end = -1;

  private boolean empty = true;

  private SingleStatement(SqlLexer lexer) {
    this.lexer = lexer;
  }

  /**
   * The statement without a semicolon at its end and what comes after it.
   *
   * @throws BadRequestException if there is none, more than one, or one that begins or ends a
   *     transaction or needs a stream of its own
   */
  static String of(String sql, boolean standardConformingStrings) {
    SingleStatement statement = new SingleStatement(new SqlLexer(sql, standardConformingStrings));
    char previous = ' ';
    while (statement.lexer.next()) {
      statement.token(previous);
      previous = sql.charAt(statement.lexer.end() - 1);
    }
    if (statement.empty) {
      throw new BadRequestException("\"sql\" holds no statement, only comments or semicolons");
    }
    return statement.end < 0 ? sql : sql.substring(0, statement.end);
  }

  private void token(char previous) {
    switch (lexer.kind()) {
      case SPACE -> {
        return;
      }
      case SEMICOLON -> {
        // In parentheses it parts the commands of a rule (CREATE RULE … DO (…; …)).
        if (parentheses <= 0 && body == 0 && end < 0) {
          end = lexer.start();
        }
        return;
      }
      case OPEN -> parentheses++;
      case CLOSE -> parentheses--;
      default -> {}
    }
    if (end >= 0) {
      throw new BadRequestException(
          "\"sql\" holds more than one statement: the semicolon at position "
              + (end + 1)
              + " is not at its end. Send one request for each; for many rows use \"parameterSets\"");
    }
    empty = false;
    if (lexer.kind() == SqlLexer.Kind.WORD) {
      word(lexer.text().toUpperCase(Locale.ROOT), previous);
    }
  }

  private void word(String word, char previous) {
    if (command.isEmpty()) {
      command = word;
    }
    boolean second = command.equals(lastWord);
    if (TRANSACTION_CONTROL.contains(command)
        || (command.equals("PREPARE") && second && word.equals("TRANSACTION"))) {
      throw new BadRequestException(
          command
              + " cannot be a request: every request is a transaction of its own, which is committed if it succeeds. To"
              + " change several rows or nothing, send \"parameterSets\" or one statement WITH data-modifying parts");
    }
    if (command.equals("COPY")
        && parentheses == 0
        && (word.equals("STDIN") || word.equals("STDOUT"))
        && (lastWord.equals("FROM") || lastWord.equals("TO"))) {
      throw new BadRequestException(
          "COPY "
              + lastWord
              + " "
              + word
              + " cannot be a request, which has no such stream; use INSERT with \"parameterSets\", or SELECT");
    }
    // "t.end" and "AS end" are names.
    if (command.equals("CREATE") && previous != '.' && !lastWord.equals("AS")) {
      bodyWord(word);
    }
    lastWord = word;
  }

  private void bodyWord(String word) {
    if (body == 0) {
      body = lastWord.equals("BEGIN") && word.equals("ATOMIC") ? 1 : 0;
    } else if (word.equals("CASE")) {
      body++;
    } else if (word.equals("END")) {
      body--;
    }
  }
}
