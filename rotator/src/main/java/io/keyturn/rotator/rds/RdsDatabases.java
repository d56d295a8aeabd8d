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

/** Asks the RDS API for the endpoint of a database, and whether it is a replica of another. */
public final class RdsDatabases {
  private final RdsClients clients;
  private final Deadline deadline;

  public RdsDatabases(RdsClients clients, Deadline deadline) {
    this.clients = clients;
    this.deadline = deadline;
  }

  /** The endpoint of a DB instance. */
  public RdsEndpoint instanceEndpoint(String arn) {
    DBInstance instance =
        instance(regionOf(arn, "db"), arn).orElseThrow(() -> missing("DB instance", arn));
    if (instance.endpoint() == null) {
      throw withoutEndpoint("DB instance", arn, instance.dbInstanceStatus());
    }
    return new RdsEndpoint(
        instance.endpoint().address(), instance.endpoint().port(), instance.engine());
  }

  /** The writer endpoint of a DB cluster. */
  public RdsEndpoint clusterEndpoint(String arn) {
    DBCluster cluster =
        cluster(regionOf(arn, "cluster"), arn).orElseThrow(() -> missing("DB cluster", arn));
    if (cluster.endpoint() == null || cluster.port() == null) {
      throw withoutEndpoint("DB cluster", arn, cluster.status());
    }
    return new RdsEndpoint(cluster.endpoint(), cluster.port(), cluster.engine());
  }

  /**
   * Whether a change at the admin's host is replicated to the user's host. That is so if they are
   * the same, if the user's is a read replica of the admin's instance, or if it belongs to the
   * cluster whose writer is the admin's.
   *
   * <p>Only hosts that RDS itself reports count. A host that somebody has named after a database
   * does not.
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
   * The ARN of the instance that this one replicates. RDS reports an identifier if both are in one
   * region, and an ARN otherwise.
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
          "\"%s\" is not the ARN of a database, arn:aws:rds:REGION:ACCOUNT:%s:ID"
              .formatted(arn, resource));
    }
    return Region.of(parts[3]);
  }

  private static RotationException missing(String kind, String arn) {
    return new RotationException(
        "There is no %s %s: it was deleted or renamed, or is in another account"
            .formatted(kind, arn));
  }

  private static RotationException withoutEndpoint(String kind, String arn, String status) {
    return new RotationException(
        "The %s %s has no endpoint, its status is \"%s\": rotate again when it is available"
            .formatted(kind, arn, status));
  }

  /** An identifier or an ARN names at most one database, so several answers count as none. */
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
          "%s of %s failed: %s%s"
              .formatted(
                  operation,
                  id,
                  e.getMessage(),
                  denied ? ". Allow the function's role the action rds:" + operation : ""),
          e);
    } catch (SdkException e) {
      throw new RotationException(
          "%s of %s failed: %s. The function needs a way to the RDS API: a NAT gateway, or a VPC endpoint of RDS"
              .formatted(operation, id, e.getMessage()),
          e);
    }
  }
}
