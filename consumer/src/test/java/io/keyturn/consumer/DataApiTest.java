package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.rdsdata.model.ArrayValue;
import software.amazon.awssdk.services.rdsdata.model.BadRequestException;
import software.amazon.awssdk.services.rdsdata.model.BatchExecuteStatementResponse;
import software.amazon.awssdk.services.rdsdata.model.ColumnMetadata;
import software.amazon.awssdk.services.rdsdata.model.DatabaseErrorException;
import software.amazon.awssdk.services.rdsdata.model.DecimalReturnType;
import software.amazon.awssdk.services.rdsdata.model.ExecuteStatementRequest;
import software.amazon.awssdk.services.rdsdata.model.ExecuteStatementResponse;
import software.amazon.awssdk.services.rdsdata.model.Field;
import software.amazon.awssdk.services.rdsdata.model.LongReturnType;
import software.amazon.awssdk.services.rdsdata.model.RecordsFormatType;
import software.amazon.awssdk.services.rdsdata.model.SqlParameter;
import software.amazon.awssdk.services.rdsdata.model.StatementTimeoutException;
import software.amazon.awssdk.services.rdsdata.model.TypeHint;
import software.amazon.awssdk.services.rdsdata.model.UnsupportedResultException;

/** What the Data API's own client sends and understands. */
@Tag("every-postgres")
class DataApiTest {
  private static final String CLUSTER = "arn:aws:rds:us-east-1:000000000000:cluster:none";

  private static QueriedDatabase database;
  private static DataApiEndpoint endpoint;

  @BeforeAll
  static void createDatabase() throws Exception {
    database =
        new QueriedDatabase(
            Map.of(
                "ALLOW_WRITES", "true",
                "STATEMENT_TIMEOUT_SECONDS", "2",
                "MAX_ANSWER_BYTES", "2000000"));
    endpoint = new DataApiEndpoint(database);
    database.database.run(
        "CREATE SCHEMA \"o\"\"ther\"; CREATE TABLE \"o\"\"ther\".place (name text);"
            + " INSERT INTO \"o\"\"ther\".place VALUES ('there');"
            + " CREATE TABLE place (name text); INSERT INTO place VALUES ('here');"
            + " CREATE TYPE mood AS ENUM ('a'); CREATE TYPE pair AS (a int, b text);"
            + " CREATE TABLE item (id bigserial PRIMARY KEY, name varchar(20) NOT NULL UNIQUE,"
            + " price numeric(10,2), tags text[], doc jsonb, at timestamptz);"
            + " GRANT USAGE ON SCHEMA \"o\"\"ther\" TO PUBLIC;"
            + " GRANT SELECT ON place, \"o\"\"ther\".place TO PUBLIC;"
            + " GRANT ALL ON item, item_id_seq TO PUBLIC");
  }

  @AfterAll
  static void dropDatabase() throws Exception {
    endpoint.close();
    database.close();
  }

  private static ExecuteStatementResponse execute(
      String sql, Consumer<ExecuteStatementRequest.Builder> more) {
    return endpoint.client.executeStatement(
        r -> more.accept(r.resourceArn(CLUSTER).secretArn(database.arn).sql(sql)));
  }

  private static ExecuteStatementResponse execute(String sql, SqlParameter... parameters) {
    return execute(sql, r -> r.parameters(parameters));
  }

  private static BatchExecuteStatementResponse batch(String sql, List<List<SqlParameter>> sets) {
    return endpoint.client.batchExecuteStatement(
        r -> r.resourceArn(CLUSTER).secretArn(database.arn).sql(sql).parameterSets(sets));
  }

  private static SqlParameter parameter(String name, Field value) {
    return SqlParameter.builder().name(name).value(value).build();
  }

  private static SqlParameter parameter(String name, String value, TypeHint hint) {
    return SqlParameter.builder()
        .name(name)
        .value(Field.fromStringValue(value))
        .typeHint(hint)
        .build();
  }

  private static Field array(Consumer<ArrayValue.Builder> elements) {
    return Field.fromArrayValue(ArrayValue.builder().applyMutation(elements).build());
  }

  private static Field only(ExecuteStatementResponse answer) {
    assertThat(answer.records()).hasSize(1);
    assertThat(answer.records().get(0)).hasSize(1);
    return answer.records().get(0).get(0);
  }

  private static Field select(String expression, SqlParameter... parameters) {
    return only(execute("SELECT " + expression, parameters));
  }

  private static String text(String expression, SqlParameter... parameters) {
    return select("(" + expression + ")::text", parameters).stringValue();
  }

  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of("int8", Field.fromLongValue(Long.MIN_VALUE)),
        Arguments.of("float8", Field.fromDoubleValue(0.1)),
        Arguments.of("bool", Field.fromBooleanValue(true)),
        Arguments.of("text", Field.fromStringValue("it's \\ \" \u20ac \ud83d\udd11")),
        Arguments.of("bytea", Field.fromBlobValue(SdkBytes.fromByteArray(new byte[] {0, -1, 7}))),
        Arguments.of("int4", Field.fromIsNull(true)),
        Arguments.of("int8[]", array(a -> a.longValues(1L, -2L))),
        Arguments.of("int8[]", array(a -> a.longValues(List.of()))),
        Arguments.of("float8[]", array(a -> a.doubleValues(0.5, 1e300))),
        Arguments.of("bool[]", array(a -> a.booleanValues(true, false))),
        Arguments.of("text[]", array(a -> a.stringValues("", "NULL", "a,\"b\"\\{}", "\u20ac"))),
        Arguments.of(
            "int8[]",
            array(
                a ->
                    a.arrayValues(
                        ArrayValue.fromLongValues(List.of(1L, 2L)),
                        ArrayValue.fromLongValues(List.of(3L, 4L))))));
  }

  @ParameterizedTest
  @MethodSource("values")
  void everyKindOfValueComesBackAsItWasSent(String type, Field value) {
    assertThat(select("CAST(:v AS " + type + ")", parameter("v", value))).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DATE | 2026-02-28 | date | 2026-02-28",
        "TIME | 23:59:58 | time without time zone | 23:59:58",
        "TIME | 23:59:58.125 | time without time zone | 23:59:58.125",
        "TIMESTAMP | 2026-02-28 01:02:03.5 | timestamp without time zone | 2026-02-28 01:02:03.5",
        "DECIMAL | 12345678901234567890.120 | numeric | 12345678901234567890.120",
        "UUID | 6f9619ff-8b86-d011-b42d-00cf4fc964ff | uuid | 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "JSON | {\"a\":[1,null]} | json | {\"a\":[1,null]}"
      })
  void aHintGivesTheTextItsType(TypeHint hint, String value, String type, String text) {
    SqlParameter parameter = parameter("v", value, hint);

    assertThat(text("pg_typeof(:v)", parameter)).isEqualTo(type);
    assertThat(text(":v", parameter)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "DATE | 2026-02-30 | YYYY-MM-DD",
        "DATE | 28.02.2026 | YYYY-MM-DD",
        "DATE | 2026-02-28 00:00:00 | YYYY-MM-DD",
        "DATE | 0000-01-01 | YYYY-MM-DD",
        "DATE | now | YYYY-MM-DD",
        "TIME | 24:00:01 | HH:MM:SS[.FFF]",
        "TIME | 12:00 | HH:MM:SS[.FFF]",
        "TIMESTAMP | 2026-02-28T01:02:03 | YYYY-MM-DD HH:MM:SS[.FFF]",
        "TIMESTAMP | 2026-02-28 01:02:03Z | YYYY-MM-DD HH:MM:SS[.FFF]",
        "DECIMAL | 1,5 | a decimal number",
        "DECIMAL | 0x10 | a decimal number",
        "UUID | 6f9619ff8b86d011b42d00cf4fc964ff | 8-4-4-4-12",
        "JSON | {a:1} | valid JSON",
        "JSON | {} {} | valid JSON",
        "JSON | ~~ | valid JSON"
      })
  void aTextThatDoesNotFitItsHintIsNamedButNotShown(TypeHint hint, String value, String format) {
    assertThatThrownBy(() -> select(":secret", parameter("secret", value, hint)))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("\"secret\"", "typeHint " + hint, format)
        .satisfies(e -> assertThat(value.isEmpty() || !e.getMessage().contains(value)).isTrue());
  }

  @Test
  void aHintIsForTexts() {
    SqlParameter number =
        SqlParameter.builder()
            .name("n")
            .value(Field.fromLongValue(1L))
            .typeHint(TypeHint.DECIMAL)
            .build();

    assertThatThrownBy(() -> select(":n", number))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("not a stringValue");
    assertThatThrownBy(() -> select(":n", number.toBuilder().typeHint("MONEY").build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("typeHint", "DECIMAL");
  }

  @Test
  void aHintGivesTheTextsOfAnArrayTheirType() {
    SqlParameter dates =
        parameter("d", array(a -> a.stringValues("2026-01-01", "2026-01-02"))).toBuilder()
            .typeHint(TypeHint.DATE)
            .build();

    assertThat(text("pg_typeof(:d)", dates)).isEqualTo("date[]");
    assertThat(text("DATE '2026-01-02' = ANY (:d)", dates)).isEqualTo("true");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"longValues\":[1.5]}",
        "{\"longValues\":[\"1\"]}",
        "{\"longValues\":1}",
        "{\"longValues\":[1],\"stringValues\":[]}",
        "{\"dateValues\":[1]}",
        "{\"arrayValues\":[]}",
        "{\"arrayValues\":[{\"longValues\":[1]},{\"stringValues\":[\"a\"]}]}",
        "{}",
        "[1]",
        "null"
      })
  void anArrayThatIsNoneIsABadRequest(String array) {
    assertThatThrownBy(
            () ->
                database.query(
                    "SELECT :a", "{\"name\":\"a\",\"value\":{\"arrayValue\":" + array + "}}"))
        .isInstanceOf(QueryException.BadRequestException.class)
        .hasMessageContaining("\"a\"");
  }

  @Test
  void aNullInAnArrayParameterIsNull() throws Exception {
    assertThat(
            database
                .query(
                    "SELECT CAST(:a AS text)",
                    "{\"name\":\"a\",\"value\":{\"arrayValue\":{\"stringValues\":[null,\"null\"]}}}")
                .at("/records/0/0/stringValue")
                .textValue())
        .isEqualTo("{NULL,\"null\"}");
  }

  @Test
  void aPlainTextKeepsItsType() {
    // As the Data API's: a text is no date by itself.
    assertThat(text("pg_typeof(:v)", parameter("v", Field.fromStringValue("2026-01-01"))))
        .isEqualTo("text");
    assertThat(
            select("'{a,b}'::text[] @> ARRAY[:v]", parameter("v", Field.fromStringValue("a")))
                .booleanValue())
        .isTrue();
  }

  /** As drizzle-orm and kysely-data-api send them. */
  @Test
  void aParametersNameMayBeANumber() {
    assertThat(
            execute(
                    "SELECT :1 || :0, (ARRAY[1,2,3])[1:2]",
                    parameter("1", Field.fromStringValue("a")),
                    parameter("0", Field.fromStringValue("b")))
                .records()
                .get(0))
        .containsExactly(Field.fromStringValue("ab"), array(a -> a.longValues(1L, 2L)));
    batch(
        "INSERT INTO item (name) VALUES (:1)",
        List.of(
            List.of(parameter("1", Field.fromStringValue("n1"))),
            List.of(parameter("1", Field.fromStringValue("n2")))));
    assertThat(text("SELECT count(*) FROM item WHERE name IN ('n1', 'n2')")).isEqualTo("2");
    String wrong = "SELECT :1 + nowhere";
    assertThatThrownBy(() -> execute(wrong, parameter("1", Field.fromLongValue(1L))))
        .hasMessageContaining("Position: " + (wrong.indexOf("nowhere") + 1) + ";");
  }

  static Stream<Arguments> arrays() {
    return Stream.of(
        Arguments.of("'{1,2}'::int2[]", array(a -> a.longValues(1L, 2L))),
        Arguments.of("'{1,2}'::int4[]", array(a -> a.longValues(1L, 2L))),
        Arguments.of("'[5:6]={1,2}'::int4[]", array(a -> a.longValues(1L, 2L))),
        Arguments.of("'{}'::int4[]", array(a -> a.longValues(List.of()))),
        Arguments.of("'{1.5}'::float4[]", array(a -> a.doubleValues(1.5))),
        Arguments.of("'{1.50,2}'::numeric[]", array(a -> a.stringValues("1.50", "2"))),
        Arguments.of("'{t,f}'::bool[]", array(a -> a.booleanValues(true, false))),
        Arguments.of("'{101,1}'::varbit[]", array(a -> a.stringValues("101", "1"))),
        Arguments.of("'{a,\"b,c\"}'::varchar[]", array(a -> a.stringValues("a", "b,c"))),
        Arguments.of("'{2026-01-02}'::date[]", array(a -> a.stringValues("2026-01-02"))),
        Arguments.of(
            "ARRAY['2026-01-02 03:04:05.678901'::timestamp]",
            array(a -> a.stringValues("2026-01-02 03:04:05.678901"))),
        Arguments.of("ARRAY['{\"a\": 1}'::jsonb]", array(a -> a.stringValues("{\"a\": 1}"))),
        Arguments.of("ARRAY['\\x00ff'::bytea]", array(a -> a.stringValues("\\x00ff"))),
        Arguments.of("ARRAY[12.5::money]", array(a -> a.stringValues("$12.50"))),
        Arguments.of(
            "'{{a,b},{c,d}}'::text[]",
            array(
                a ->
                    a.arrayValues(
                        ArrayValue.fromStringValues(List.of("a", "b")),
                        ArrayValue.fromStringValues(List.of("c", "d"))))));
  }

  @ParameterizedTest
  @MethodSource("arrays")
  void everyKindOfArrayHasItsList(String expression, Field array) {
    assertThat(select(expression)).isEqualTo(array);
  }

  @ParameterizedTest
  @ValueSource(strings = {"int4", "int8", "float8", "bool", "text", "date"})
  void aNullInAnArrayStaysInItsPlace(String type) {
    String list =
        "CASE WHEN i <> 2 THEN '%s'"
            .formatted(type.equals("bool") ? "t" : type.equals("date") ? "2026-01-01" : "1");

    Field answer =
        select("array_agg((%s END)::%s) FROM generate_series(1,3) i".formatted(list, type));

    assertThat(answer.arrayValue().toString()).matches(".*\\[[^,]+, null, [^,]+\\].*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ARRAY['NaN'::float8]", "ARRAY['(1,1),(0,0)'::box]"})
  void anArrayThatTheAnswerHasNoRoomForIsAnErrorThatNamesTheColumn(String expression) {
    assertThatThrownBy(() -> select(expression + " AS list"))
        .isInstanceOf(UnsupportedResultException.class)
        .hasMessageContainingAll("\"list\"", "cast it");
  }

  @Test
  void numbersComeAsTheyAreAskedFor() {
    String sql = "SELECT 5::int4, 9007199254740993, ARRAY[7], 1.50, 3::numeric, 'NaN'::numeric";

    assertThat(execute(sql).records().get(0))
        .containsExactly(
            Field.fromLongValue(5L),
            Field.fromLongValue(9007199254740993L),
            array(a -> a.longValues(7L)),
            Field.fromStringValue("1.50"),
            Field.fromStringValue("3"),
            Field.fromStringValue("NaN"));
    assertThat(
            execute(
                    sql,
                    r ->
                        r.resultSetOptions(
                            o ->
                                o.longReturnType(LongReturnType.STRING)
                                    .decimalReturnType(DecimalReturnType.DOUBLE_OR_LONG)))
                .records()
                .get(0))
        .containsExactly(
            Field.fromStringValue("5"),
            Field.fromStringValue("9007199254740993"),
            array(a -> a.stringValues("7")),
            Field.fromDoubleValue(1.5),
            Field.fromLongValue(3L),
            Field.fromDoubleValue(Double.NaN));
    // Finite, but too large for a double.
    assertThat(
            only(
                execute(
                    "SELECT 1e400::numeric",
                    r ->
                        r.resultSetOptions(
                            o -> o.decimalReturnType(DecimalReturnType.DOUBLE_OR_LONG)))))
        .isEqualTo(Field.fromStringValue("1" + "0".repeat(400)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'$1,234.50'::money",
        "'1 2'::int2vector",
        "'1'::xid",
        "'[1,2)'::int4range",
        "'infinity'::timestamptz",
        "'-infinity'::date",
        "'1 day'::interval",
        "'(1,2)'::point",
        "'(1,a)'::pair",
        "'lost'::refcursor",
        "'a'::mood"
      })
  void whatJsonHasNoKindForIsPostgresqlsText(String expression) {
    String text = expression.substring(1, expression.indexOf("'::"));

    assertThat(select(expression)).isEqualTo(Field.fromStringValue(text));
    assertThat(select("ARRAY[" + expression + "]")).isEqualTo(array(a -> a.stringValues(text)));
  }

  /** The driver asks for other forms once it has seen a statement five times. */
  @Test
  void answersTheSameHoweverOften() {
    String sql =
        "SELECT 1.10::numeric, '2026-01-02 03:04:05+00'::timestamptz, '03:04:05+02'::timetz,"
            + " 1e30::float4, ARRAY[1.10], ARRAY['2026-01-02'::date], '1 day'::interval,"
            + " '6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid, '(1,2)'::point, 1e300::float8";

    List<List<Field>> first = execute(sql).records();

    for (int i = 0; i < 10; i++) {
      assertThat(execute(sql).records()).isEqualTo(first);
    }
  }

  @Test
  void seesAColumnWhoseTypeHasChanged() throws Exception {
    database.database.run(
        "CREATE TABLE changing (v int); INSERT INTO changing VALUES (1);"
            + " GRANT SELECT ON changing TO PUBLIC");
    for (int i = 0; i < 10; i++) {
      assertThat(only(execute("SELECT v FROM changing")).longValue()).isEqualTo(1);
    }
    database.database.run("ALTER TABLE changing ALTER v TYPE text");

    assertThat(only(execute("SELECT v FROM changing")).stringValue()).isEqualTo("1");
  }

  @Test
  void describesTheColumns() {
    ExecuteStatementResponse answer =
        execute(
            "SELECT id AS key, name, price, tags FROM item LIMIT 0",
            r -> r.includeResultMetadata(true));

    assertThat(answer.records()).isEmpty();
    assertThat(answer.columnMetadata())
        .extracting(
            ColumnMetadata::label,
            ColumnMetadata::tableName,
            ColumnMetadata::typeName,
            ColumnMetadata::type,
            ColumnMetadata::nullable,
            ColumnMetadata::precision,
            ColumnMetadata::scale,
            ColumnMetadata::isAutoIncrement)
        .containsExactly(
            row("key", "item", "bigserial", -5, 0, 19, 0, true),
            row("name", "item", "varchar", 12, 0, 20, 0, false),
            row("price", "item", "numeric", 2, 1, 10, 2, false),
            row("tags", "item", "_text", 2003, 1, 2147483647, 0, false));
    assertThat(answer.columnMetadata())
        .extracting(ColumnMetadata::arrayBaseColumnType)
        .containsOnly(0);
    assertThat(execute("SELECT 1", r -> {}).hasColumnMetadata()).isFalse();
  }

  private static Tuple row(Object... values) {
    return Tuple.tuple(values);
  }

  @Test
  void returningGivesTheGeneratedKeysAsRecords() {
    ExecuteStatementResponse answer =
        execute("INSERT INTO item (name) VALUES ('k1'), ('k2') RETURNING id");

    assertThat(answer.records()).hasSize(2);
    assertThat(answer.numberOfRecordsUpdated()).isEqualTo(2);
    assertThat(answer.generatedFields()).isEmpty();
    ExecuteStatementResponse update = execute("UPDATE item SET price = 1 WHERE name LIKE 'k_'");
    assertThat(update.numberOfRecordsUpdated()).isEqualTo(2);
    assertThat(update.hasGeneratedFields()).isTrue();
    assertThat(update.generatedFields()).isEmpty();
    assertThat(update.hasRecords()).isFalse();
    assertThat(execute("SELECT 1").numberOfRecordsUpdated()).isZero();
  }

  @Test
  void formatsRecordsAsJson() throws Exception {
    ExecuteStatementResponse answer =
        execute(
            "SELECT 1 AS n, 1.5::float8 AS d, 2.50 AS price, true AS b, NULL AS nothing,"
                + " 'say \"hi\" \u20ac' AS t, '\\x00ff'::bytea AS blob, ARRAY[1,NULL] AS list,"
                + " '{{a},{b}}'::text[] AS nested, 'NaN'::float8 AS nan"
                + " UNION ALL SELECT 2, 0, 0, false, 'x', '', '', '{}', '{}', 0",
            r -> r.formatRecordsAs(RecordsFormatType.JSON).includeResultMetadata(true));

    assertThat(QueriedDatabase.JSON.readTree(answer.formattedRecords()))
        .isEqualTo(
            QueriedDatabase.JSON.readTree(
                "[{\"n\":1,\"d\":1.5,\"price\":\"2.50\",\"b\":true,\"nothing\":null,"
                    + "\"t\":\"say \\\"hi\\\" \u20ac\",\"blob\":\"AP8=\",\"list\":[1,null],"
                    + "\"nested\":[[\"a\"],[\"b\"]],\"nan\":\"NaN\"},"
                    + "{\"n\":2,\"d\":0.0,\"price\":\"0\",\"b\":false,\"nothing\":\"x\",\"t\":\"\","
                    + "\"blob\":\"\",\"list\":[],\"nested\":[],\"nan\":0.0}]"));
    assertThat(answer.hasRecords()).isFalse();
    assertThat(answer.hasColumnMetadata()).isFalse();
    assertThat(
            execute("DELETE FROM item WHERE false", r -> r.formatRecordsAs("JSON"))
                .formattedRecords())
        .isNull();
  }

  @Test
  void twoColumnsCannotBeOneKey() {
    assertThatThrownBy(
            () -> execute("SELECT 1 AS a, 2 AS a", r -> r.formatRecordsAs(RecordsFormatType.JSON)))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("\"a\"", "AS");
    assertThat(execute("SELECT 1 AS a, 2 AS a").records().get(0)).hasSize(2);
  }

  @Test
  void theSchemaIsForOneRequest() {
    assertThat(only(execute("SELECT name FROM place", r -> r.schema("o\"ther"))).stringValue())
        .isEqualTo("there");
    assertThat(only(execute("SELECT name FROM place")).stringValue()).isEqualTo("here");
  }

  @Test
  void onlyTheSecretsDatabaseIsQueried() {
    String name = database.database.name();
    assertThat(
            only(execute("SELECT current_database()::text", r -> r.database(name))).stringValue())
        .isEqualTo(name);
    assertThatThrownBy(() -> execute("SELECT 1", r -> r.database("postgres")))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("\"database\"", name);
  }

  @Test
  void onlyTheFunctionsSecretIsUsed() {
    String name =
        database.arn.substring(database.arn.lastIndexOf(':') + 1, database.arn.length() - 7);
    assertThat(execute("SELECT 1", r -> r.secretArn(name)).records()).hasSize(1);
    assertThatThrownBy(() -> execute("SELECT 1", r -> r.secretArn(database.arn + "x")))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("\"secretArn\"", database.arn, "SECRET_ID");
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of("transaction of its own", more(r -> r.transactionId("t-1"))),
        Arguments.of("formatRecordsAs", more(r -> r.formatRecordsAs("CSV"))),
        Arguments.of(
            "decimalReturnType", more(r -> r.resultSetOptions(o -> o.decimalReturnType("DOUBLE")))),
        Arguments.of(
            "longReturnType", more(r -> r.resultSetOptions(o -> o.longReturnType("INT")))));
  }

  /** The service does so as well, in time; what takes too long ends either way. */
  @Test
  void aClientMayAskToGoOnAfterATimeout() {
    assertThat(execute("SELECT 1", r -> r.continueAfterTimeout(true)).records()).hasSize(1);
  }

  private static Consumer<ExecuteStatementRequest.Builder> more(
      Consumer<ExecuteStatementRequest.Builder> more) {
    return more;
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatIsNotSupportedIsABadRequest(
      String problem, Consumer<ExecuteStatementRequest.Builder> more) {
    assertThatThrownBy(() -> execute("SELECT 1", more))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"parameters\":[],\"parameterSets\":[]",
        "\"parameterSets\":{}",
        "\"parameterSets\":[1]",
        "\"parameterSets\":[[{\"name\":\"a\"}]]",
        "\"resultSetOptions\":[]",
        "\"database\":1",
        "\"formatRecordsAs\":true",
        "\"continueAfterTimeout\":1"
      })
  void aBrokenRequestIsABadRequest(String keys) {
    assertThatThrownBy(() -> database.answer("{\"sql\":\"SELECT 1\"," + keys + "}"))
        .isInstanceOf(QueryException.BadRequestException.class);
  }

  @Test
  void aBatchExecutesOncePerSet() {
    List<List<SqlParameter>> sets =
        IntStream.range(0, 50)
            .mapToObj(
                i ->
                    List.of(
                        parameter("name", Field.fromStringValue("b" + i)),
                        parameter("price", i + ".25", TypeHint.DECIMAL)))
            .toList();

    BatchExecuteStatementResponse answer =
        batch("INSERT INTO item (name, price) VALUES (:name, :price)", sets);

    assertThat(answer.updateResults()).hasSize(50);
    assertThat(answer.updateResults()).allSatisfy(r -> assertThat(r.generatedFields()).isEmpty());
    assertThat(text("SELECT count(*) || ' ' || sum(price) FROM item WHERE name LIKE 'b%'"))
        .isEqualTo("50 1237.50");
  }

  @Test
  void aBatchMakesAllItsChangesOrNone() {
    List<List<SqlParameter>> sets =
        List.of(
            List.of(parameter("name", Field.fromStringValue("once"))),
            List.of(parameter("name", Field.fromStringValue("twice"))),
            List.of(parameter("name", Field.fromStringValue("twice"))));

    assertThatThrownBy(() -> batch("INSERT INTO item (name) VALUES (:name)", sets))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContainingAll("parameterSets[2]", "23505", "item_name_key", "(name)=(twice)");
    assertThat(text("SELECT count(*) FROM item WHERE name IN ('once', 'twice')")).isEqualTo("0");
  }

  @Test
  void aBatchOfNothingDoesNothing() {
    String sql = "INSERT INTO item (name) VALUES ('never')";

    assertThat(batch(sql, List.of()).updateResults()).isEmpty();
    assertThat(text("SELECT count(*) FROM item WHERE name = 'never'")).isEqualTo("0");
    assertThat(batch(sql.replace("never", "ever"), List.of(List.of())).updateResults()).hasSize(1);
    assertThat(text("SELECT count(*) FROM item WHERE name = 'ever'")).isEqualTo("1");
  }

  @Test
  void aBatchDoesWhatItsRowsDo() {
    batch(
        "SELECT nextval('item_id_seq') FROM generate_series(1, :rows)",
        List.of(List.of(parameter("rows", Field.fromLongValue(700L)))));

    assertThat(Integer.parseInt(text("SELECT last_value FROM item_id_seq"))).isGreaterThan(699);
  }

  @Test
  void oneFailedRequestLeavesNothingBehind() {
    assertThatThrownBy(() -> execute("SELECT 1/0")).isInstanceOf(DatabaseErrorException.class);

    assertThat(only(execute("SELECT 1")).longValue()).isEqualTo(1);
  }

  @Test
  void aPositionIsThatOfTheSqlThatWasSent() {
    String sql = "SELECT :first_of_all, '\ud83d\udd11', j ? 'k', :b, nowhere FROM item";
    int expected = sql.codePointCount(0, sql.indexOf("j ?")) + 1;

    assertThatThrownBy(
            () ->
                execute(
                    sql,
                    parameter("first_of_all", Field.fromLongValue(1L)),
                    parameter("b", Field.fromLongValue(1L))))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContainingAll("42703", "Position: " + expected + ";");
    String second = sql.replace("j ? 'k'", "2");
    assertThatThrownBy(
            () ->
                execute(
                    second,
                    parameter("first_of_all", Field.fromLongValue(1L)),
                    parameter("b", Field.fromLongValue(1L))))
        .hasMessageContaining(
            "Position: " + (second.codePointCount(0, second.indexOf("nowhere")) + 1) + ";");
    String third = "SELECT :a + 1, :name + 2";
    assertThatThrownBy(
            () ->
                execute(
                    third,
                    parameter("a", Field.fromLongValue(1L)),
                    parameter("name", Field.fromBooleanValue(true))))
        .hasMessageContaining("Position: " + (third.indexOf("+ 2") + 1) + ";");
  }

  @Test
  void aConstraintIsNamed() {
    assertThatThrownBy(() -> execute("INSERT INTO item (name) VALUES (NULL)"))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContainingAll("23502", "\"name\"");
  }

  @Test
  void aStatementThatTakesTooLongIsEnded() {
    assertThatThrownBy(() -> execute("SELECT pg_sleep(60)"))
        .isInstanceOf(StatementTimeoutException.class)
        .hasMessageContainingAll("57014", "STATEMENT_TIMEOUT_SECONDS");
  }

  /** Each execution, and each hundred of rows that is fetched, takes less than a statement may. */
  @Test
  void aRequestThatTakesTooLongIsEnded() {
    SqlParameter pause = parameter("pause", Field.fromDoubleValue(0.9));

    assertThatThrownBy(
            () -> batch("SELECT pg_sleep(:pause)", Collections.nCopies(10, List.of(pause))))
        .isInstanceOf(StatementTimeoutException.class)
        .hasMessageContaining("STATEMENT_TIMEOUT_SECONDS");
    assertThatThrownBy(
            () ->
                execute(
                    "SELECT repeat('x', 5000), CASE WHEN i % 100 = 0 THEN pg_sleep(:pause) END"
                        + " FROM generate_series(1, 1000) AS i",
                    pause))
        .isInstanceOf(StatementTimeoutException.class)
        .hasMessageContaining("STATEMENT_TIMEOUT_SECONDS");
  }

  @Test
  void aBatchNamesTheSetThatIsWrong() {
    assertThatThrownBy(
            () ->
                batch(
                    "SELECT :a",
                    List.of(
                        List.of(parameter("a", Field.fromLongValue(1L))),
                        List.of(parameter("b", Field.fromLongValue(1L))))))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("parameterSets[1]", "[b]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COPY item FROM STDIN",
        "COPY item TO STDOUT",
        "copy (SELECT 1) to /* here */ stdout WITH (FORMAT csv)",
        "COPY item (name) FROM STDIN (FORMAT csv)"
      })
  void aCopyWithoutAStreamIsABadRequest(String sql) {
    assertThatThrownBy(() -> execute(sql))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("COPY");
    assertThat(only(execute("SELECT 1")).longValue()).isEqualTo(1);
  }

  @Test
  void anAnswerThatIsTooLargeIsNotOneToAskForAgain() {
    String sql = "SELECT repeat('x', 1000) FROM generate_series(1, :rows)";
    SqlParameter tooMany = parameter("rows", Field.fromLongValue(1990L));

    assertThat(execute(sql, parameter("rows", Field.fromLongValue(1900L))).records()).hasSize(1900);
    for (String format : List.of("NONE", "JSON")) {
      assertThatThrownBy(() -> execute(sql, r -> r.parameters(tooMany).formatRecordsAs(format)))
          .isInstanceOf(UnsupportedResultException.class)
          .hasMessageContainingAll("2000000", "MAX_ANSWER_BYTES", "add a LIMIT");
    }
  }

  /** What aurora-data-api's own tests read. */
  @Test
  void twoThousandRowsAreNotTooMany() {
    assertThat(execute("SELECT i, 'row ' || i FROM generate_series(1, 2048) AS i").records())
        .hasSize(2048);
  }

  @Test
  void aFunctionsBodyOfSqlIsOneStatement() throws Exception {
    database.database.run("GRANT CREATE ON SCHEMA public TO PUBLIC");
    if (Integer.parseInt(text("current_setting('server_version_num')")) < 140000) {
      return;
    }
    execute(
        "CREATE OR REPLACE FUNCTION sign_of(n int) RETURNS int LANGUAGE sql BEGIN ATOMIC"
            + " SELECT 1 AS end; SELECT CASE WHEN n < 0 THEN -1 ELSE CASE n WHEN 0 THEN 0 ELSE 1 END END; END;");

    assertThat(select("sign_of(-5)").longValue()).isEqualTo(-1);
  }

  @Test
  void aRuleWithTwoCommandsIsOneStatement() throws Exception {
    database.database.run(
        "CREATE TABLE ruled (v int); CREATE TABLE seen (v int);"
            + " ALTER TABLE ruled OWNER TO %1$s; ALTER TABLE seen OWNER TO %1$s"
                .formatted(database.role.quoted()));
    execute(
        "CREATE RULE twice AS ON INSERT TO ruled DO ALSO"
            + " (INSERT INTO seen VALUES (1); INSERT INTO seen VALUES (2))");
    execute("INSERT INTO ruled VALUES (7)");

    assertThat(select("count(*) FROM seen").longValue()).isEqualTo(2);
  }

  @Test
  void backslashesMeanWhatTheServerSays() throws Exception {
    try (QueriedDatabase old = new QueriedDatabase()) {
      old.database.run(
          "ALTER ROLE %s SET standard_conforming_strings = off".formatted(old.role.quoted()));

      assertThat(
              old.query(
                      "SELECT 'a\\'; :b' || :c",
                      "{\"name\":\"c\",\"value\":{\"stringValue\":\"c\"}}")
                  .at("/records/0/0/stringValue")
                  .textValue())
          .isEqualTo("a'; :bc");
    }
  }
}
