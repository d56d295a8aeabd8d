package io.keyturn.rotator;

import io.keyturn.postgres.Deadline;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.services.rds.model.DescribeDbClustersRequest;
import software.amazon.awssdk.services.rds.model.DescribeDbClustersResponse;
import software.amazon.awssdk.services.rds.model.DescribeDbInstancesRequest;
import software.amazon.awssdk.services.rds.model.DescribeDbInstancesResponse;
import software.amazon.awssdk.utils.builder.SdkBuilder;

/**
 * What {@link RdsInPackagedJarIT} runs inside the packaged jar: this class comes from the tests,
 * all that it uses from the jar, and only texts pass between.
 */
public final class PackagedRdsCalls {
  private PackagedRdsCalls() {}

  public static String instanceHost(String endpoint, String arn) {
    return databases(endpoint).instanceEndpoint(arn).host();
  }

  public static String clusterHost(String endpoint, String arn) {
    return databases(endpoint).clusterEndpoint(arn).host();
  }

  /** Takes the user's host and the admin's, with a space between. */
  public static String isReplicaOf(String endpoint, String hosts) {
    String[] both = hosts.split(" ", 2);
    return String.valueOf(databases(endpoint).isReplicaOf(both[0], both[1]));
  }

  public static String failure(String endpoint, String instanceArn) {
    try {
      return "none: " + databases(endpoint).instanceEndpoint(instanceArn);
    } catch (RotationException e) {
      return e.getMessage();
    }
  }

  public static String token(String host, String username) {
    return IamToken.make(host, 5432, username);
  }

  /**
   * Makes every structure that a request or an answer may hold, those too that RDS seldom sends.
   */
  public static String everyStructure(String unused, String alsoUnused) {
    List<SdkPojo> builders =
        List.of(
            (SdkPojo) DescribeDbInstancesRequest.builder(),
            (SdkPojo) DescribeDbInstancesResponse.builder(),
            (SdkPojo) DescribeDbClustersRequest.builder(),
            (SdkPojo) DescribeDbClustersResponse.builder());
    StringBuilder texts = new StringBuilder();
    builders.forEach(builder -> texts.append(filled(builder)));
    return texts.toString();
  }

  private static Object filled(SdkPojo builder) {
    for (SdkField<?> field : builder.sdkFields()) {
      field.set(builder, value(field));
    }
    return ((SdkBuilder<?, ?>) builder).build();
  }

  private static Object value(SdkField<?> field) {
    MarshallingType<?> type = field.marshallingType();
    if (type == MarshallingType.SDK_POJO) {
      return filled(field.constructor().get());
    } else if (type == MarshallingType.LIST) {
      return List.of(value(field.getTrait(ListTrait.class).memberFieldInfo()));
    } else if (type == MarshallingType.STRING) {
      return field.locationName();
    } else if (type == MarshallingType.INTEGER) {
      return 1;
    } else if (type == MarshallingType.LONG) {
      return 1L;
    } else if (type == MarshallingType.DOUBLE) {
      return 1.0;
    } else if (type == MarshallingType.BOOLEAN) {
      return true;
    } else if (type == MarshallingType.INSTANT) {
      return Instant.EPOCH;
    }
    throw new IllegalStateException("No value for a field of type " + type);
  }

  private static RdsDatabases databases(String endpoint) {
    return new RdsDatabases(
        new RdsClients(Optional.of(URI.create(endpoint))), Deadline.in(Duration.ofMinutes(1)));
  }
}
