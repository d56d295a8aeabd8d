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
 * SQL with named parameters ({@code :name}), in the form that JDBC takes. A question mark stays
 * PostgreSQL's own operator.
 */
final class NamedSql {
  private static final Set<String> CHANGES = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");

  private final String sql;
  private final boolean standardConformingStrings;
  private final StringBuilder jdbc = new StringBuilder();
  private final List<Use> uses = new ArrayList<>();
  private String command = "";

  /** How many characters the server gets, where a parameter is {@code $1}. */
  private int sent;

  /**
   * Where the SQL has a parameter.
   *
   * @param sentStart what stands before it in what the server gets, in characters
   * @param sentEnd the same with what stands for it
   */
  private record Use(String name, int start, int end, int sentStart, int sentEnd) {}

  private NamedSql(String sql, boolean standardConformingStrings) {
    this.sql = sql;
    this.standardConformingStrings = standardConformingStrings;
  }

  /**
   * @param standardConformingStrings the server's setting of that name
   */
  static NamedSql parse(String sql, boolean standardConformingStrings) {
    NamedSql parsed = new NamedSql(sql, standardConformingStrings);
    SqlLexer lexer = new SqlLexer(sql, standardConformingStrings);
    while (lexer.next()) {
      parsed.add(lexer);
    }
    return parsed;
  }

  private void add(SqlLexer token) {
    if (token.kind() == SqlLexer.Kind.PARAMETER) {
      addParameter(token);
      return;
    }
    if (token.kind() == SqlLexer.Kind.WORD && command.isEmpty()) {
      command = token.text().toUpperCase(Locale.ROOT);
    }
    // Two of them are JDBC's way to write the operator.
    jdbc.append(token.kind() == SqlLexer.Kind.QUESTION_MARK ? "??" : token.text());
    sent += sql.codePointCount(token.start(), token.end());
  }

  private void addParameter(SqlLexer token) {
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

  /** The statement with a question mark for each parameter. */
  String jdbc() {
    return jdbc.toString();
  }

  /** The parameters' names, one for each question mark, in that order. */
  List<String> names() {
    return uses.stream().map(Use::name).toList();
  }

  /** Whether rows that it gives (RETURNING) are those that it changed. */
  boolean changesItsRows() {
    return CHANGES.contains(command);
  }

  /**
   * The driver reads the SQL once more, and not in every corner as the server does. Where it would
   * part or bind the statement in another way, it must not have it.
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
    int end = 0;
    int sentEnd = 0;
    for (Use use : uses) {
      if (offset < use.sentStart()) {
        break;
      }
      if (offset < use.sentEnd()) {
        return sql.codePointCount(0, use.start()) + 1;
      }
      end = use.end();
      sentEnd = use.sentEnd();
    }
    return sql.codePointCount(0, end) + offset - sentEnd + 1;
  }
}
