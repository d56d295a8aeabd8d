package io.keyturn.rotator.rds;

import static io.keyturn.rotator.rds.LocalRds.ELSEWHERE;
import static io.keyturn.rotator.rds.LocalRds.HERE;
import static io.keyturn.rotator.rds.LocalRds.arn;
import static io.keyturn.rotator.rds.LocalRds.clusterHost;
import static io.keyturn.rotator.rds.LocalRds.host;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.postgres.Deadline;
import io.keyturn.rotator.invocation.RotationException;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.exception.SdkException;

/** What the function asks RDS, and which answers count. */
class RdsDatabasesTest {
  private static final String CUSTOM = clusterHost("cluster-custom", "reports", HERE);

  private final LocalRds rds = new LocalRds();
  private final RdsDatabases databases =
      new RdsDatabases(
          new RdsClients(Optional.of(rds.endpoint())), Deadline.in(Duration.ofMinutes(1)));

  @AfterEach
  void close() {
    rds.close();
  }

  @Test
  void anInstanceIsWhereItsArnLeads() {
    rds.addInstance(HERE, "other", "mysql");
    String host = rds.addInstance(HERE, "shop", "postgres");

    assertThat(databases.instanceEndpoint(arn(HERE, "db", "shop")))
        .isEqualTo(new RdsEndpoint(host, 5433, "postgres"));
    assertThat(rds.requests())
        .containsExactly("DescribeDBInstances us-east-1 " + arn(HERE, "db", "shop"));
  }

  @Test
  void aClusterIsWhereItsWriterIs() {
    String writer = rds.addCluster(HERE, "shop", "aurora-postgresql", List.of(), "shop-1");

    assertThat(databases.clusterEndpoint(arn(HERE, "cluster", "shop")))
        .isEqualTo(new RdsEndpoint(writer, 5434, "aurora-postgresql"));
    assertThat(rds.requests())
        .containsExactly("DescribeDBClusters us-east-1 " + arn(HERE, "cluster", "shop"));
  }

  @Test
  void anArnIsLookedUpInItsOwnRegion() {
    String host = rds.addInstance(ELSEWHERE, "shop", "postgres");

    assertThat(databases.instanceEndpoint(arn(ELSEWHERE, "db", "shop")).host()).isEqualTo(host);
    assertThat(rds.requests())
        .containsExactly("DescribeDBInstances eu-west-1 " + arn(ELSEWHERE, "db", "shop"));
  }

  @Test
  void aDatabaseThatIsGone() {
    assertThatThrownBy(() -> databases.instanceEndpoint(arn(HERE, "db", "gone")))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("no DB instance", arn(HERE, "db", "gone"), "deleted");
    assertThatThrownBy(() -> databases.clusterEndpoint(arn(HERE, "cluster", "gone")))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("no DB cluster", arn(HERE, "cluster", "gone"), "deleted");
  }

  @Test
  void aDatabaseInTheMaking() {
    rds.addUnfinishedInstance(HERE, "new");

    assertThatThrownBy(() -> databases.instanceEndpoint(arn(HERE, "db", "new")))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("no endpoint", "creating", "rotate again");
    assertThat(databases.isReplicaOf(host("new", HERE), host("shop", HERE))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shop",
        "arn:aws:rds:us-east-1:123456789012:cluster:shop",
        "arn:aws:s3:us-east-1:123456789012:db:shop",
        "arn:aws:rds:evil.example/:123456789012:db:shop"
      })
  void noArnOfAnInstance(String arn) {
    assertThatThrownBy(() -> databases.instanceEndpoint(arn))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("\"" + arn + "\"", ":db:ID");
    assertThat(rds.requests()).isEmpty();
  }

  @Test
  void aReadReplicaInTheSameRegion() {
    String source = rds.addInstance(HERE, "shop", "postgres");
    String replica = rds.addReplica(HERE, "shop-replica", "shop");

    assertThat(databases.isReplicaOf(replica, source)).isTrue();
    assertThat(rds.requests())
        .containsExactly(
            "DescribeDBInstances us-east-1 shop", "DescribeDBInstances us-east-1 shop-replica");
    assertThat(databases.isReplicaOf(source, replica)).as("the other way round").isFalse();
  }

  @Test
  void aReadReplicaInAnotherRegion() {
    String source = rds.addInstance(HERE, "shop", "postgres");
    String replica = rds.addReplica(ELSEWHERE, "shop-replica", arn(HERE, "db", "shop"));

    assertThat(databases.isReplicaOf(replica, source)).isTrue();
    assertThat(rds.requests())
        .containsExactly(
            "DescribeDBInstances us-east-1 shop", "DescribeDBInstances eu-west-1 shop-replica");
  }

  @Test
  void aReadReplicaOfItsNamesakeInAnotherRegion() {
    String source = rds.addInstance(HERE, "shop", "postgres");
    rds.addInstance(ELSEWHERE, "shop", "postgres");
    String ofNamesake = rds.addReplica(ELSEWHERE, "local-replica", "shop");
    String ofNamesakeByArn = rds.addReplica(HERE, "remote-replica", arn(ELSEWHERE, "db", "shop"));

    assertThat(databases.isReplicaOf(ofNamesake, source)).isFalse();
    assertThat(databases.isReplicaOf(ofNamesakeByArn, source)).isFalse();
  }

  @Test
  void aReplicaOfAReplicaAndAStranger() {
    String source = rds.addInstance(HERE, "shop", "postgres");
    rds.addReplica(HERE, "first", "shop");
    String second = rds.addReplica(HERE, "second", "first");
    String stranger = rds.addInstance(HERE, "stranger", "postgres");

    assertThat(databases.isReplicaOf(second, source)).isFalse();
    assertThat(databases.isReplicaOf(stranger, source)).isFalse();
  }

  @Test
  void theEndpointsOfAClusterOfTheAdminsWriter() {
    String writer =
        rds.addCluster(HERE, "shop", "aurora-postgresql", List.of(CUSTOM), "shop-1", "shop-2");
    String reader = clusterHost("cluster-ro", "shop", HERE);

    assertThat(databases.isReplicaOf(reader, writer)).isTrue();
    assertThat(databases.isReplicaOf(CUSTOM, writer)).isTrue();
    assertThat(rds.requests())
        .containsExactly("DescribeDBClusters us-east-1 shop", "DescribeDBClusters us-east-1 shop");
    assertThat(databases.isReplicaOf(host("shop-1", HERE), writer)).as("the writer").isTrue();
    assertThat(databases.isReplicaOf(host("shop-2", HERE), writer)).as("a reader").isTrue();
    assertThat(databases.isReplicaOf(writer, reader)).as("an admin that cannot write").isFalse();
  }

  @Test
  void theEndpointsOfAClusterOfTheAdminsWriterInstance() {
    String writer =
        rds.addCluster(HERE, "shop", "postgres", List.of(), "shop-1", "shop-2", "shop-3");
    String admin = host("shop-1", HERE);

    assertThat(databases.isReplicaOf(writer, admin)).isTrue();
    assertThat(databases.isReplicaOf(clusterHost("cluster-ro", "shop", HERE), admin)).isTrue();
    assertThat(databases.isReplicaOf(host("shop-3", HERE), admin)).isTrue();
    assertThat(databases.isReplicaOf(writer, host("shop-2", HERE)))
        .as("an admin at an instance that only reads")
        .isFalse();
  }

  @Test
  void anotherClustersEndpoints() {
    String writer = rds.addCluster(HERE, "shop", "aurora-postgresql", List.of(), "shop-1");
    String other = rds.addCluster(HERE, "other", "aurora-postgresql", List.of(CUSTOM), "other-1");

    assertThat(databases.isReplicaOf(other, writer)).isFalse();
    assertThat(databases.isReplicaOf(clusterHost("cluster-ro", "other", HERE), writer)).isFalse();
    assertThat(databases.isReplicaOf(CUSTOM, writer)).isFalse();
    assertThat(databases.isReplicaOf(host("other-1", HERE), writer)).isFalse();
    assertThat(databases.isReplicaOf(other, host("shop-1", HERE))).isFalse();
    assertThat(databases.isReplicaOf(clusterHost("cluster-custom", "unlisted", HERE), writer))
        .isFalse();
    assertThat(databases.isReplicaOf(host("shop-1", ELSEWHERE), writer)).isFalse();
  }

  @Test
  void aHostThatIsOnlyNamedAfterADatabase() {
    String source = rds.addInstance(HERE, "shop", "postgres");
    String replica = rds.addReplica(HERE, "shop-replica", "shop");
    String writer = rds.addCluster(HERE, "cluster", "aurora-postgresql", List.of(), "member");

    for (String fake :
        List.of(
            "shop-replica.evil.example",
            "shop-replica.c1evil2ab.us-east-1.rds.amazonaws.com",
            "shop-replica." + source,
            replica + ".evil.example")) {
      assertThat(databases.isReplicaOf(fake, source)).as(fake).isFalse();
    }
    assertThat(databases.isReplicaOf(replica, "shop.evil.example")).isFalse();
    assertThat(databases.isReplicaOf("member.evil.example", writer)).isFalse();
    assertThat(databases.isReplicaOf(host("member", HERE), "cluster.cluster-evil.example"))
        .isFalse();
  }

  @Test
  void caseAndTrailingDotDoNotMatter() {
    String source = rds.addInstance(HERE, "shop", "postgres");
    String replica = rds.addReplica(HERE, "shop-replica", "shop");

    assertThat(databases.isReplicaOf(replica.toUpperCase(Locale.ROOT) + ".", source + "."))
        .isTrue();
    int before = rds.requests().size();
    assertThat(databases.isReplicaOf(source.toUpperCase(Locale.ROOT), source + "."))
        .as("the same host")
        .isTrue();
    assertThat(rds.requests()).hasSize(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "db.internal", "-.example", ""})
  void hostsThatRdsDoesNotKnow(String host) {
    String known = rds.addInstance(HERE, "shop", "postgres");

    assertThat(databases.isReplicaOf(host, known)).isFalse();
    assertThat(databases.isReplicaOf(known, host)).isFalse();
  }

  @Test
  void throttlingIsWaitedOut() {
    String source = rds.addInstance(HERE, "shop", "postgres");
    rds.failNext(2, 400, "Throttling", "Rate exceeded");

    assertThat(databases.instanceEndpoint(arn(HERE, "db", "shop")).host()).isEqualTo(source);
    assertThat(rds.requests()).hasSize(3);
  }

  @Test
  void throttlingThatLasts() {
    rds.failNext(10, 400, "Throttling", "Rate exceeded");

    assertThatThrownBy(() -> databases.isReplicaOf(host("replica", HERE), host("shop", HERE)))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("DescribeDBInstances of shop failed", "Rate exceeded")
        .hasCauseInstanceOf(SdkException.class);
    assertThat(rds.requests()).hasSizeLessThan(10);
  }

  @Test
  void whatTheFunctionMayNotDo() {
    rds.failNext(2, 403, "AccessDenied", "User is not authorized");

    assertThatThrownBy(() -> databases.isReplicaOf(host("replica", HERE), host("shop", HERE)))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("not authorized", "Allow", "rds:DescribeDBInstances");
    assertThatThrownBy(() -> databases.clusterEndpoint(arn(HERE, "cluster", "shop")))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("not authorized", "Allow", "rds:DescribeDBClusters")
        .hasCauseInstanceOf(SdkException.class);
  }

  @Test
  void anApiOutOfReach() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    RdsDatabases unreachable =
        new RdsDatabases(
            new RdsClients(Optional.of(URI.create("http://127.0.0.1:" + port))),
            Deadline.in(Duration.ofMinutes(1)));

    assertThatThrownBy(() -> unreachable.instanceEndpoint(arn(HERE, "db", "shop")))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("DescribeDBInstances", "NAT gateway", "VPC endpoint")
        .hasCauseInstanceOf(SdkException.class);
  }
}
