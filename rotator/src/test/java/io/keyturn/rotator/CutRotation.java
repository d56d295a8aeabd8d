package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.role.Sql;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestSql;
import io.keyturn.testing.wire.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** A secret of one scenario, whose rotations are cut and run again. */
final class CutRotation implements AutoCloseable {
  /** How the service goes on after a rotation that failed. */
  enum Retry {
    /** The whole rotation again, for the same version. */
    SAME_TOKEN,
    /** Somebody took AWSPENDING from the version, and began a new rotation. */
    NEW_TOKEN
  }

  private static final List<String> STEPS =
      List.of("createSecret", "setSecret", "testSecret", "finishSecret");

  private final CutWorld world;
  private final CutScenario scenario;
  private final String base = TestDatabase.unique("app");
  private final String twin = base + "_clone";
  private final String arn;
  private final RotationHandler function;
  private final Set<String> passwords = new ConcurrentSkipListSet<>();

  /** Whether somebody took the label from a version whose password the user may have had. */
  private boolean abandoned;

  /** The versions that rotations made, the oldest first. */
  private final List<String> tokens = new ArrayList<>();

  CutRotation(CutWorld world, CutScenario scenario) throws SQLException {
    this.world = world;
    this.scenario = scenario;
    String password = UUID.randomUUID().toString();
    String admin = scenario.hasAdmin() ? world.adminArn : null;
    if (!scenario.creates()) {
      asAdmin(
          "CREATE ROLE "
              + name(base)
              + " LOGIN PASSWORD '"
              + TestPostgres.verifier(password)
              + "'");
    }
    // It keeps nothing from one invocation to the next but clients, which take long to make.
    function = world.function(scenario.environment());
    if (scenario.alternates() && !scenario.creates()) {
      makeTable("by_base_", base);
    }
    arn = world.secretsManager.createSecret(world.json(base, password, admin));
    switch (scenario) {
      case ALTERNATING_BACK -> {
        begin();
        assertThat(rotate(Cut.none())).isEmpty();
      }
      case ALTERNATING_AFTER_AWS -> leaveAsAwsTemplateDoes(admin);
      default -> {
        // The base is current.
      }
    }
    begin();
  }

  private void leaveAsAwsTemplateDoes(String admin) throws SQLException {
    String password = UUID.randomUUID().toString();
    asAdmin(
        "CREATE ROLE %2$s LOGIN PASSWORD '%3$s'; GRANT %1$s TO %2$s"
            .formatted(name(base), name(twin), TestPostgres.verifier(password)));
    makeTable("by_twin_", twin);
    asAdmin(
        "CREATE TABLE %1$s (a int); GRANT SELECT ON %1$s TO %2$s"
            .formatted(name("granted_" + base), name(twin)));
    world
        .secretsManager
        .client()
        .putSecretValue(r -> r.secretId(arn).secretString(world.json(twin, password, admin)));
  }

  /** Makes a table of this user in each database. */
  private void makeTable(String prefix, String owner) throws SQLException {
    for (TestDatabase database : world.databases) {
      database.run(
          "CREATE TABLE %1$s (a int); ALTER TABLE %1$s OWNER TO %2$s"
              .formatted(name(prefix + base), name(owner)));
    }
  }

  /** That AWSCURRENT can do with the tables of both users what it could do before. */
  private void assertCurrentWorks() throws SQLException {
    DatabaseSecret current = secret("AWSCURRENT").orElseThrow();
    List<String> prefixes =
        switch (scenario) {
          case ALTERNATING_FIRST, ALTERNATING_BACK -> List.of("by_base_");
          case ALTERNATING_AFTER_AWS -> List.of("by_base_", "by_twin_");
          default -> List.of();
        };
    String work =
        prefixes.stream()
            .map(prefix -> name(prefix + base))
            .map(
                table ->
                    "INSERT INTO %1$s VALUES (1); SELECT a FROM %1$s; ALTER TABLE %1$s SET (fillfactor = 90);"
                        .formatted(table))
            .collect(Collectors.joining());
    for (TestDatabase database : work.isEmpty() ? List.<TestDatabase>of() : world.databases) {
      database.run(current.username(), current.password(), work);
    }
  }

  /** Grants to the twin, where there is one already, what the base is to get. */
  CutRotation granted(String table) throws SQLException {
    String user = world.database.hasRole(twin) ? twin : base;
    asAdmin("GRANT SELECT ON " + table + " TO " + name(user));
    return this;
  }

  /** Runs this with the current login. */
  void asCurrent(String sql) throws SQLException {
    DatabaseSecret current = secret("AWSCURRENT").orElseThrow();
    world.database.run(current.username(), current.password(), sql);
  }

  private static String name(String name) {
    return Sql.name(name);
  }

  private void asAdmin(String sql) throws SQLException {
    world.database.run(world.admin.name(), world.admin.password(), sql);
  }

  private void begin() {
    tokens.add(world.secretsManager.startRotation(arn));
  }

  private String token() {
    return tokens.get(tokens.size() - 1);
  }

  /** Goes on as the service and its users may. */
  void prepare(Retry retry) {
    if (retry == Retry.SAME_TOKEN) {
      return;
    }
    if (isPending() && !labels().contains("AWSCURRENT")) {
      abandoned = true;
      world
          .secretsManager
          .client()
          .updateSecretVersionStage(
              r -> r.secretId(arn).versionStage("AWSPENDING").removeFromVersionId(token()));
    }
    begin();
  }

  /** Runs the steps until one fails, and returns the failure. */
  Optional<Throwable> rotate(Wire.Fate fate) {
    return rotate(fate, Duration.ofMinutes(1));
  }

  /** The same, with a limit on the time that each step has. */
  Optional<Throwable> rotate(Wire.Fate fate, Duration timeout) {
    List<String> log = new ArrayList<>();
    String token = token();
    world.fate(fate);
    Optional<Throwable> failure = Optional.empty();
    try {
      for (String step : STEPS) {
        TestContext context = new TestContext(timeout);
        function.handleRequest(
            new ByteArrayInputStream(
                RotatedSecret.event(step, arn, token).getBytes(StandardCharsets.UTF_8)),
            new ByteArrayOutputStream(),
            context);
        log.addAll(context.log());
        assertThat(context.getRemainingTimeInMillis()).isPositive();
      }
    } catch (RuntimeException e) {
      failure = Optional.of(e);
    } finally {
      world.fate(request -> Wire.Verdict.PASS);
      Thread.interrupted();
    }
    secret("AWSCURRENT").ifPresent(secret -> passwords.add(secret.password()));
    secret("AWSPENDING").ifPresent(secret -> passwords.add(secret.password()));
    String told = failure.map(Throwables::everythingIn).orElse("") + log;
    assertThat(told).doesNotContain(passwords);
    return failure;
  }

  /** Whether AWSPENDING is on another version than the one that is being rotated. */
  boolean isPendingElsewhere() {
    return world.secretsManager.labels(arn).entrySet().stream()
        .anyMatch(
            version ->
                version.getValue().contains("AWSPENDING") && !version.getKey().equals(token()));
  }

  /** Whether the version under rotation is staged AWSPENDING. */
  boolean isPending() {
    return labels().contains("AWSPENDING");
  }

  private List<String> labels() {
    return world.secretsManager.labels(arn).getOrDefault(token(), List.of());
  }

  /**
   * Takes up the rotation before the last one again, as the service does if it is still pending.
   */
  void goBack() {
    tokens.add(tokens.remove(tokens.size() - 2));
  }

  /** Whether a rotation of this secret waits for a lock in the database. */
  boolean isLockAwaited() throws SQLException {
    return !select(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'keyturn-rotator'"
                + " AND usename IN ('%s', '%s', '%s')".formatted(world.admin.name(), base, twin)
                + " AND pid IN (SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'advisory')")
        .isEmpty();
  }

  /** That the users of the secret are not locked out, at this moment. */
  void assertNobodyIsLockedOut() throws SQLException {
    if (scenario.alternates()) {
      boolean created = world.database.hasRole(base) || world.database.hasRole(twin);
      assertThat(logsIn("AWSCURRENT"))
          .as("AWSCURRENT logs in if there is a user at all")
          .isEqualTo(created);
      assertCurrentWorks();
    } else if (!scenario.creates() || world.database.hasRole(base)) {
      assertThat(
              logsIn("AWSCURRENT")
                  || logsIn("AWSPENDING")
                  || logsIn("AWSPREVIOUS")
                  || (abandoned && aVersionLogsIn()))
          .as("one of the three labels logs in")
          .isTrue();
    }
  }

  /** That the rotation which began last is complete. */
  void assertComplete() throws SQLException {
    assertThat(world.secretsManager.labels(arn).get(token())).contains("AWSCURRENT");
    assertThat(
            world.secretsManager.labels(arn).entrySet().stream()
                .filter(version -> !version.getKey().equals(token()))
                .flatMap(version -> version.getValue().stream()))
        .as("labels of other versions")
        .containsExactly("AWSPREVIOUS");
    assertThat(logsIn("AWSCURRENT")).isTrue();
    if (!scenario.alternates()) {
      assertThat(logsIn("AWSPREVIOUS")).as("the replaced password works").isFalse();
      return;
    }
    assertCurrentWorks();
    if (scenario == CutScenario.ALTERNATING_AFTER_AWS) {
      asCurrent("SELECT * FROM " + name("granted_" + base));
    }
    assertThat(
            select(
                "SELECT setconfig::text FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE rolname = '%s'"
                    .formatted(twin)))
        .containsExactly("{role=" + base + "}");
  }

  /**
   * All that a run which begins now can depend on, without the names and passwords that differ from
   * case to case.
   */
  String state() throws SQLException {
    List<String> state = new ArrayList<>();
    for (String version : versions()) {
      Optional<DatabaseSecret> value = value(version);
      state.add(
          world.secretsManager.labels(arn).getOrDefault(version, List.of()).stream()
                  .sorted()
                  .toList()
              + value.map(DatabaseSecret::username).orElse(" without a value")
              + (value.isPresent() && world.logsIn(value.get().username(), value.get().password())
                  ? " logs in"
                  : "")
              + (version.equals(token()) ? " under rotation" : ""));
    }
    state.addAll(
        select(
            """
            SELECT format('role %%s: %%s %%s %%s', rolname, rolcanlogin, rolconnlimit, rolvaliduntil)
            FROM pg_roles WHERE rolname IN ('%1$s', '%2$s')
            UNION ALL SELECT 'member ' || m::text FROM (
              SELECT roleid::regrole, member::regrole, grantor::regrole, to_jsonb(a) - 'oid' - 'roleid' - 'member' - 'grantor'
              FROM pg_auth_members a) m
            WHERE m::text LIKE '%%%1$s%%'
            UNION ALL SELECT format('setting of %%s: %%s', setrole::regrole, setconfig)
            FROM pg_db_role_setting WHERE setrole::regrole::text LIKE '%%%1$s%%'
            UNION ALL SELECT format('table %%s: %%s %%s', relname, relowner::regrole, relacl)
            FROM pg_class WHERE relname LIKE '%%%1$s'
            ORDER BY 1
            """
                .formatted(base, twin)));
    return String.join("\n", state).replace(base, "app").replace(world.admin.name(), "admin");
  }

  private boolean aVersionLogsIn() throws SQLException {
    for (String version : versions()) {
      Optional<DatabaseSecret> value = value(version);
      if (value.isPresent() && world.logsIn(value.get().username(), value.get().password())) {
        return true;
      }
    }
    return false;
  }

  /** Those whose value can still be read, the oldest first. */
  private List<String> versions() {
    return world
        .secretsManager
        .client()
        .listSecretVersionIds(r -> r.secretId(arn).includeDeprecated(true))
        .versions()
        .stream()
        .sorted(Comparator.comparing(v -> tokens.indexOf(v.versionId())))
        .map(v -> v.versionId())
        .toList();
  }

  private List<String> select(String sql) throws SQLException {
    try (Connection connection = world.database.superuser()) {
      return TestSql.rows(connection, sql).stream().map(row -> row[0]).toList();
    }
  }

  private Optional<DatabaseSecret> secret(String label) {
    try {
      return Optional.of(DatabaseSecret.parse(world.secretsManager.value(arn, label), label));
    } catch (ResourceNotFoundException e) {
      return Optional.empty();
    }
  }

  private Optional<DatabaseSecret> value(String version) {
    try {
      return Optional.of(
          DatabaseSecret.parse(
              world
                  .secretsManager
                  .client()
                  .getSecretValue(r -> r.secretId(arn).versionId(version))
                  .secretString(),
              version));
    } catch (ResourceNotFoundException e) {
      return Optional.empty();
    }
  }

  private boolean logsIn(String label) throws SQLException {
    Optional<DatabaseSecret> secret = secret(label);
    return secret.isPresent() && world.logsIn(secret.get().username(), secret.get().password());
  }

  @Override
  public void close() throws SQLException {
    for (String role : List.of(twin, base)) {
      if (world.database.hasRole(role)) {
        for (TestDatabase database : world.databases) {
          database.run("DROP OWNED BY %s CASCADE".formatted(name(role)));
        }
        world.database.run("DROP ROLE " + name(role));
      }
    }
    world.database.run("DROP TABLE IF EXISTS " + name("granted_" + base));
  }
}
