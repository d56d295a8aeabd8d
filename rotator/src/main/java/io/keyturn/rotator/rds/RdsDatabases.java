package io.keyturn.rotator.rds;

import io.keyturn.aws.AwsCalls;
import io.keyturn.postgres.Deadline;
import io.keyturn.rotator.invocation.RotationException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rds.model.DBCluster;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.DbClusterNotFoundException;
import software.amazon.awssdk.services.rds.model.DbInstanceNotFoundException;
import software.amazon.awssdk.services.rds.model.RdsException;

/** Asks the RDS API where a database is, and whether one is a replica of another. */
public final class RdsDatabases {
  private final RdsClients clients;
  private final Deadline deadline;

  public RdsDatabases(RdsClients clients, Deadline deadline) {
    this.clients = clients;
    this.deadline = deadline;
  }

  /** Where a DB instance is. */
  public RdsEndpoint instanceEndpoint(String arn) {
    DBInstance instance =
        instance(regionOf(arn, "db"), arn).orElseThrow(() -> missing("DB instance", arn));
    if (instance.endpoint() == null) {
      throw withoutEndpoint("DB instance", arn, instance.dbInstanceStatus());
    }
    return new RdsEndpoint(
        instance.endpoint().address(), instance.endpoint().port(), instance.engine());
  }

  /** Where the writer of a DB cluster is. */
  public RdsEndpoint clusterEndpoint(String arn) {
    DBCluster cluster =
        cluster(regionOf(arn, "cluster"), arn).orElseThrow(() -> missing("DB cluster", arn));
    if (cluster.endpoint() == null || cluster.port() == null) {
      throw withoutEndpoint("DB cluster", arn, cluster.status());
    }
    return new RdsEndpoint(cluster.endpoint(), cluster.port(), cluster.engine());
  }

  /**
   * Whether what an admin changes at one host shows at the other, as RDS says: the user's host is
   * the admin's, or that of a read replica of the admin's instance, or another one of the cluster
   * whose writer the admin logs in to.
   *
   * <p>Only hosts that RDS itself reports count, so that nobody has an admin log in somewhere by
   * naming a host after a database.
   */
  public boolean isReplicaOf(String userHost, String adminHost) {
    RdsHost user = new RdsHost(userHost);
    RdsHost admin = new RdsHost(adminHost);
    if (user.equals(admin)) {
      return true;
    }
    if (admin.namesCluster()) {
      return lookUpCluster(admin)
          .filter(cluster -> isOf(cluster, user, admin.region()))
          .isPresent();
    }
    Optional<DBInstance> instance = lookUpInstance(admin, admin.region());
    if (instance.isEmpty()) {
      return false;
    }
    String clusterId = instance.get().dbClusterIdentifier();
    if (clusterId == null) {
      return isReadReplica(user, instance.get());
    }
    return cluster(admin.region(), clusterId)
        .filter(cluster -> isWriter(instance.get(), cluster))
        .filter(cluster -> isOf(cluster, user, admin.region()))
        .isPresent();
  }

  private boolean isReadReplica(RdsHost user, DBInstance source) {
    return !user.namesCluster()
        && lookUpInstance(user, user.region())
            .filter(
                replica -> sourceArn(replica).filter(source.dbInstanceArn()::equals).isPresent())
            .isPresent();
  }

  /**
   * What an instance replicates, as RDS names it: by an identifier if both are in one region, else
   * by an ARN.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html">CreateDBInstanceReadReplica</a>
   */
  private static Optional<String> sourceArn(DBInstance replica) {
    String arn = replica.dbInstanceArn();
    return Optional.ofNullable(replica.readReplicaSourceDBInstanceIdentifier())
        .map(
            source ->
                source.startsWith("arn:")
                    ? source
                    : arn.substring(0, arn.lastIndexOf(':') + 1) + source);
  }

  private boolean isOf(DBCluster cluster, RdsHost host, Region region) {
    if (host.is(cluster.endpoint())
        || host.is(cluster.readerEndpoint())
        || cluster.customEndpoints().stream().anyMatch(host::is)) {
      return true;
    }
    return !host.namesCluster()
        && lookUpInstance(host, region).filter(member -> isMember(member, cluster)).isPresent();
  }

  private static boolean isMember(DBInstance instance, DBCluster cluster) {
    return cluster.dbClusterMembers().stream()
        .anyMatch(member -> member.dbInstanceIdentifier().equals(instance.dbInstanceIdentifier()));
  }

  private static boolean isWriter(DBInstance instance, DBCluster cluster) {
    return cluster.dbClusterMembers().stream()
        .anyMatch(
            member ->
                member.dbInstanceIdentifier().equals(instance.dbInstanceIdentifier())
                    && Boolean.TRUE.equals(member.isClusterWriter()));
  }

  /** The instance whose endpoint is this very host. */
  private Optional<DBInstance> lookUpInstance(RdsHost host, Region region) {
    return host.identifier()
        .flatMap(identifier -> instance(region, identifier))
        .filter(found -> found.endpoint() != null && host.is(found.endpoint().address()));
  }

  /** The cluster whose writer endpoint is this very host. */
  private Optional<DBCluster> lookUpCluster(RdsHost host) {
    return host.identifier()
        .flatMap(identifier -> cluster(host.region(), identifier))
        .filter(found -> host.is(found.endpoint()));
  }

  private Optional<DBInstance> instance(Region region, String id) {
    return describe(
        "DescribeDBInstances",
        id,
        DbInstanceNotFoundException.class,
        () ->
            clients
                .of(region)
                .describeDBInstances(r -> inTime(r.dbInstanceIdentifier(id)))
                .dbInstances());
  }

  private Optional<DBCluster> cluster(Region region, String id) {
    return describe(
        "DescribeDBClusters",
        id,
        DbClusterNotFoundException.class,
        () ->
            clients
                .of(region)
                .describeDBClusters(r -> inTime(r.dbClusterIdentifier(id)))
                .dbClusters());
  }

  private void inTime(AwsRequest.Builder request) {
    request.overrideConfiguration(AwsCalls.within(deadline));
  }

  private static Region regionOf(String arn, String resource) {
    String[] parts = arn.split(":", -1);
    if (parts.length != 7
        || !parts[2].equals("rds")
        || !parts[3].matches("[a-z0-9-]+")
        || !parts[5].equals(resource)) {
      throw new RotationException(
          "\""
              + arn
              + "\" is not the ARN of a database, arn:aws:rds:REGION:ACCOUNT:"
              + resource
              + ":ID");
    }
    return Region.of(parts[3]);
  }

  private static RotationException missing(String kind, String arn) {
    return new RotationException(
        "There is no "
            + kind
            + " "
            + arn
            + ": it was deleted or renamed, or is in another account");
  }

  private static RotationException withoutEndpoint(String kind, String arn, String status) {
    return new RotationException(
        "The "
            + kind
            + " "
            + arn
            + " has no endpoint, its status is \""
            + status
            + "\": rotate again when it is available");
  }

  /** More than one answer is none: an identifier and an ARN each name at most one database. */
  private static <T> Optional<T> describe(
      String operation, String id, Class<? extends RdsException> none, Supplier<List<T>> call) {
    try {
      List<T> found = call.get();
      return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    } catch (AwsServiceException e) {
      if (none.isInstance(e)) {
        return Optional.empty();
      }
      boolean denied =
          e.awsErrorDetails() != null
              && String.valueOf(e.awsErrorDetails().errorCode()).startsWith("AccessDenied");
      throw new RotationException(
          operation
              + " of "
              + id
              + " failed: "
              + e.getMessage()
              + (denied ? ". Allow the function's role the action rds:" + operation : ""),
          e);
    } catch (SdkException e) {
      throw new RotationException(
          operation
              + " of "
              + id
              + " failed: "
              + e.getMessage()
              + ". The function needs a way to the RDS API: a NAT gateway, or a VPC endpoint of RDS",
          e);
    }
  }
}
