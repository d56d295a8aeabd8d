package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/query-api.md says that the function answers. */
class DocumentedExamplesTest {
  private static final Path PAGE = Path.of("../docs/query-api.md");
  private static final Pattern JSON = Pattern.compile("(?s)```json\n(.*?)```");

  private static String section(String title) throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf("\n## " + title + "\n");
    return page.substring(start, page.indexOf("\n## ", start + 1));
  }

  /** Each request stands before its answer. */
  @Test
  void everyAnswerIsTheFunctions() throws Exception {
    List<String> blocks =
        JSON.matcher(section("Examples")).results().map(block -> block.group(1)).toList();
    assertThat(blocks).hasSizeGreaterThan(10).hasSize(blocks.size() / 2 * 2);
    try (QueriedDatabase reader = new QueriedDatabase();
        QueriedDatabase writer =
            new QueriedDatabase(reader.database, Map.of("ALLOW_WRITES", "true"))) {
      reader.database.run(
          """
          CREATE TABLE products (name text, price numeric, tags text[]);
          INSERT INTO products VALUES ('tea', 4.20, '{green,NULL}'), ('salt', 0.90, NULL);
          GRANT ALL ON products TO PUBLIC;
          """);
      for (int i = 0; i < blocks.size(); i += 2) {
        JsonNode request = QueriedDatabase.JSON.readTree(blocks.get(i));
        QueriedDatabase function = request.has("parameterSets") ? writer : reader;

        assertThat(answer(function, request))
            .as("the answer to %s", request)
            .isEqualTo(QueriedDatabase.JSON.readTree(blocks.get(i + 1)));
      }
    }
  }

  /** An error in the form that Lambda gives it. */
  private static JsonNode answer(QueriedDatabase function, JsonNode request) throws IOException {
    try {
      return function.invoke(request.toString());
    } catch (QueryException e) {
      return QueriedDatabase.JSON
          .createObjectNode()
          .put("errorMessage", e.getMessage())
          .put("errorType", e.getClass().getName());
    }
  }

  @Test
  void everyErrorHasItsRow() throws IOException {
    assertThat(
            Pattern.compile("(?m)^\\| `(\\w+)` \\|")
                .matcher(section("Errors"))
                .results()
                .map(row -> row.group(1)))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(QueryException.class.getDeclaredClasses())
                .map(Class::getSimpleName)
                .toList());
  }
}
