package io.keyturn.rotator.rds;

import io.keyturn.aws.AwsCalls;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rds.RdsClient;
import software.amazon.awssdk.services.rds.RdsClientBuilder;

/**
 * The clients of the RDS API, one for each region.
 *
 * <p>They are created when first used: most secrets never need one, and creating one would be a
 * large part of the function's start.
 */
public final class RdsClients {
  private final Optional<URI> endpoint;
  private final Map<Region, RdsClient> clients = new ConcurrentHashMap<>();

  /**
   * @param endpoint of the RDS API in every region; the SDK's own choice if absent, which {@code
   *     AWS_ENDPOINT_URL_RDS} may set
   */
  public RdsClients(Optional<URI> endpoint) {
    this.endpoint = endpoint;
  }

  RdsClient of(Region region) {
    return clients.computeIfAbsent(
        region,
        key -> {
          RdsClientBuilder builder = AwsCalls.configure(RdsClient.builder()).region(key);
          endpoint.ifPresent(builder::endpointOverride);
          return builder.build();
        });
  }
}
