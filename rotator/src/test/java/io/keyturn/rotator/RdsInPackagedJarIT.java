package io.keyturn.rotator;

import static io.keyturn.rotator.LocalRds.HERE;
import static io.keyturn.rotator.LocalRds.arn;
import static io.keyturn.rotator.LocalRds.host;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The packaged jar leaves out nearly all of the SDK's classes for RDS; what is left must do all
 * that the function asks of it.
 */
class RdsInPackagedJarIT {
  private static final Path JAR = Path.of(System.getProperty("keyturn.packaged.jar"));

  private final LocalRds rds = new LocalRds();
  private URLClassLoader packaged;

  @BeforeEach
  void open() throws Exception {
    URL tests = PackagedRdsCalls.class.getProtectionDomain().getCodeSource().getLocation();
    packaged =
        new URLClassLoader(
            new URL[] {JAR.toUri().toURL(), tests}, ClassLoader.getPlatformClassLoader());
  }

  @AfterEach
  void close() throws Exception {
    packaged.close();
    rds.close();
  }

  /** Calls a method of PackagedRdsCalls inside the jar. */
  private String inJar(String method, String first, String second) throws Exception {
    return (String)
        packaged
            .loadClass(PackagedRdsCalls.class.getName())
            .getMethod(method, String.class, String.class)
            .invoke(null, first, second);
  }

  private String ask(String method, String argument) throws Exception {
    return inJar(method, rds.endpoint().toString(), argument);
  }

  @Test
  void instancesAndClusters() throws Exception {
    String source = rds.addInstance(HERE, "shop", "postgres");
    String replica = rds.addReplica(HERE, "replica", "shop");
    String writer =
        rds.addCluster(HERE, "cluster", "aurora-postgresql", List.of("custom.example"), "member");

    assertThat(ask("instanceHost", arn(HERE, "db", "shop"))).isEqualTo(source);
    assertThat(ask("clusterHost", arn(HERE, "cluster", "cluster"))).isEqualTo(writer);
    assertThat(ask("isReplicaOf", replica + " " + source)).isEqualTo("true");
    assertThat(ask("isReplicaOf", host("member", HERE) + " " + writer)).isEqualTo("true");
  }

  @Test
  void faults() throws Exception {
    String known = rds.addInstance(HERE, "shop", "postgres");
    assertThat(ask("failure", arn(HERE, "db", "gone"))).contains("no DB instance");
    assertThat(ask("isReplicaOf", host("gone", HERE) + " " + known)).isEqualTo("false");
    assertThat(ask("isReplicaOf", known + " gone.cluster-x." + HERE + ".rds.amazonaws.com"))
        .isEqualTo("false");

    rds.failNext(1, 400, "Throttling", "Rate exceeded");
    assertThat(ask("instanceHost", arn(HERE, "db", "shop"))).isEqualTo(known);
    rds.failNext(1, 403, "AccessDenied", "User is not authorized");
    assertThat(ask("failure", arn(HERE, "db", "shop"))).contains("rds:DescribeDBInstances");
    rds.failNext(10, 503, "ServiceUnavailable", "Not now");
    assertThat(ask("failure", arn(HERE, "db", "shop"))).contains("Not now");
  }

  @Test
  void tokens() throws Exception {
    assertThat(inJar("token", host("shop", HERE), "admin"))
        .startsWith(host("shop", HERE) + ":5432/?")
        .contains("X-Amz-Signature=");
  }

  @Test
  void everyStructureThatAnAnswerMayHold() throws Exception {
    assertThat(inJar("everyStructure", "", ""))
        .contains("ReadReplicaSourceDBInstanceIdentifier=", "DBClusterMembers=");
  }

  @Test
  void theJarStaysSmall() throws Exception {
    assertThat(Files.size(JAR)).isLessThan(6_000_000);
  }
}
