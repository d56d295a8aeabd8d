package io.keyturn.rotator.rds;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/**
 * A host name, read by the rules by which RDS forms names.
 *
 * <p>The writer of a secret chooses its host. So the name only says what to ask the RDS API for,
 * and only the API's answer counts.
 *
 * @param name in lower case and without the dot that may end a host name
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.Endpoints.html">Amazon
 *     Aurora endpoint connections</a>
 */
public record RdsHost(String name) {
  /**
   * Letters, digits and hyphens. No hyphen is last, and no two are adjacent.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html">CreateDBInstance</a>
   */
  private static final Pattern IDENTIFIER = Pattern.compile("[a-z](-?[a-z0-9]){0,62}");

  /** In China the region comes last. */
  private static final Pattern PROXY =
      Pattern.compile(
          ".+\\.proxy-[a-z0-9]+\\.([a-z0-9-]+\\.rds\\.amazonaws\\.com|rds\\.[a-z0-9-]+\\.amazonaws\\.com\\.cn)");

  public RdsHost {
    String lowerCase = name.toLowerCase(Locale.ROOT);
    name = lowerCase.endsWith(".") ? lowerCase.substring(0, lowerCase.length() - 1) : lowerCase;
  }

  /** Whether the API reports this host. It reports null while it creates a database. */
  boolean is(String reported) {
    return reported != null && name.equals(new RdsHost(reported).name());
  }

  /** Whether it is an endpoint of RDS Proxy. */
  public boolean namesProxy() {
    return PROXY.matcher(name).matches();
  }

  /** The identifier, with which RDS begins its host names. */
  Optional<String> identifier() {
    return Optional.of(labels()[0]).filter(label -> IDENTIFIER.matcher(label).matches());
  }

  /** Whether it has the form of a cluster's endpoint, rather than of an instance's. */
  boolean namesCluster() {
    String[] labels = labels();
    return labels.length > 1 && labels[1].startsWith("cluster-");
  }

  /**
   * The region to ask: the one in the name if the SDK knows it, and the function's own otherwise.
   * So no name sends a request to another host.
   */
  Region region() {
    List<String> labels = Arrays.asList(labels());
    return Region.regions().stream()
        .filter(region -> !region.isGlobalRegion() && labels.lastIndexOf(region.id()) > 0)
        .findFirst()
        .orElseGet(() -> DefaultAwsRegionProviderChain.builder().build().getRegion());
  }

  private String[] labels() {
    return name.split("\\.", -1);
  }
}
