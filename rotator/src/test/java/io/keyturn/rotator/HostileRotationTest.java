package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.rotator.role.Sql;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a role, its database and its password are called, it rotates, and nothing else does. */
@Tag("every-postgres")
class HostileRotationTest {
  /** Each is used by many tries: a database takes longer to create than a rotation. */
  private static final List<TestDatabase> DATABASES = new ArrayList<>();

  /**
   * A login.
   *
   * @param database which of them it is for
   * @param hashedByServer whether the password is set as plain text, as people do
   */
  record Login(String role, String password, int database, boolean hashedByServer) {}

  @BeforeContainer
  static void createDatabases() throws SQLException {
    Random random = new Random(0);
    for (int i = 0; i < 5; i++) {
      DATABASES.add(TestDatabase.create(HostileTexts.name(random, 63)));
    }
  }

  @AfterContainer
  static void dropDatabases() throws SQLException {
    for (TestDatabase database : DATABASES) {
      database.close();
    }
  }

  @Property(tries = 40, seed = "1")
  void aSingleUserRotates(@ForAll("logins") Login login) throws SQLException {
    TestDatabase database = DATABASES.get(login.database());
    TestPostgres postgres = database.postgres();
    RotatedSecret secret = new RotatedSecret(database, create(login, database));
    try (TestSecretsManager secretsManager = secret.secretsManager) {
      Catalog before = Catalog.read(postgres);
      assertThat(secret.logsIn(login.password())).isTrue();

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(login.password())).isFalse();
      assertThat(before.changesUntil(Catalog.read(postgres)))
          .containsExactly("role " + login.role());
    } finally {
      database.run("DROP ROLE " + secret.role.quoted());
    }
  }

  @Property(tries = 8, seed = "2")
  void alternatingUsersRotate(@ForAll("shorterLogins") Login login) throws SQLException {
    TestDatabase database = DATABASES.get(login.database());
    TestPostgres postgres = database.postgres();
    AlternatingSecret secret =
        new AlternatingSecret(database, new TestRole(login.role(), login.password()), Map.of());
    try (TestSecretsManager secretsManager = secret.secretsManager) {
      Catalog before = Catalog.read(postgres);

      secret.rotate();

      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(secret.logsIn("AWSPREVIOUS")).isTrue();
      Set<String> changed = before.changesUntil(Catalog.read(postgres));
      // PostgreSQL 16 and later make the admin that creates a role a member of it.
      changed.remove("members " + secret.twin);
      assertThat(changed)
          .containsExactly(
              "members " + login.role(), "role " + secret.twin, "settings " + secret.twin);

      Catalog between = Catalog.read(postgres);
      secret.rotate();

      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(secret.logsIn("AWSPREVIOUS")).isTrue();
      assertThat(between.changesUntil(Catalog.read(postgres)))
          .containsExactly("role " + login.role());
    } finally {
      String all = secret.admin.quoted() + ", " + secret.app.quoted();
      database.run("DROP OWNED BY %1$s CASCADE".formatted(all));
      database.run("DROP ROLE IF EXISTS %s, %s".formatted(secret.quotedTwin(), all));
    }
  }

  private static TestRole create(Login login, TestDatabase database) throws SQLException {
    TestRole role = database.createRole(new TestRole(login.role(), login.password()), "LOGIN");
    if (login.hashedByServer()) {
      database.run("ALTER ROLE " + role.quoted() + " PASSWORD " + Sql.literal(role.password()));
    }
    return role;
  }

  @Provide
  Arbitrary<Login> logins() {
    return logins(63);
  }

  /** With room for the twin's suffix. */
  @Provide
  Arbitrary<Login> shorterLogins() {
    return logins(57);
  }

  private static Arbitrary<Login> logins(int maxBytes) {
    return Arbitraries.randomValue(
        random -> {
          String password = HostileTexts.password(random);
          return new Login(
              // A name that ends so is a twin's, whose base is missing.
              HostileTexts.name(random, maxBytes).replaceFirst("_clone$", "_klone"),
              password,
              random.nextInt(DATABASES.size()),
              isHashable(password) && random.nextBoolean());
        });
  }

  /**
   * Whether the server takes it for a password, and not a hash, nor too long: it has a limit in 13.
   */
  private static boolean isHashable(String password) {
    return !password.startsWith("md5") && password.indexOf('\0') < 0 && password.length() <= 100;
  }
}
