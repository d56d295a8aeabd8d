package io.keyturn.rotator.rds;

import com.sun.net.httpserver.HttpExchange;
import io.keyturn.local.support.LoopbackServer;
import io.keyturn.testing.ServiceCalls;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The RDS API for tests, as far as DescribeDBInstances and DescribeDBClusters go: it knows the
 * databases that a test adds, each in its region, which a request names in its signature.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html">DescribeDBInstances</a>
 */
public final class LocalRds implements AutoCloseable {
  public static final String HERE = "us-east-1";
  static final String ELSEWHERE = "eu-west-1";

  private static final String ACCOUNT = "123456789012";
  private static final Pattern CREDENTIAL =
      Pattern.compile("Credential=([^/]+)/\\d{8}/([^/]+)/rds/aws4_request");

  private record Instance(
      String region, String id, String host, String engine, String clusterId, String sourceId) {
    String xml() {
      return element("DBInstanceIdentifier", id)
          + element("DBInstanceArn", arn(region, "db", id))
          + element("DBInstanceStatus", host == null ? "creating" : "available")
          + element("Engine", engine)
          + (host == null
              ? ""
              : element("Endpoint", element("Address", host) + element("Port", "5433")))
          + element("DBClusterIdentifier", clusterId)
          + element("ReadReplicaSourceDBInstanceIdentifier", sourceId)
          + element("MultiAZ", "false");
    }
  }

  private record Cluster(
      String region, String id, String engine, List<String> customHosts, List<String> members) {
    String xml() {
      StringBuilder list = new StringBuilder();
      for (String member : members) {
        list.append(
            element(
                "DBClusterMember",
                element("DBInstanceIdentifier", member)
                    + element("IsClusterWriter", String.valueOf(member.equals(members.get(0))))));
      }
      return element("DBClusterIdentifier", id)
          + element("DBClusterArn", arn(region, "cluster", id))
          + element("Status", "available")
          + element("Engine", engine)
          + element("Endpoint", clusterHost("cluster", id, region))
          + element("ReaderEndpoint", clusterHost("cluster-ro", id, region))
          + element(
              "CustomEndpoints",
              customHosts.stream()
                  .map(host -> element("member", host))
                  .collect(Collectors.joining()))
          + element("Port", "5434")
          + element("DBClusterMembers", list.toString());
    }
  }

  private record Fault(int status, String code, String message) {}

  private final List<Instance> instances = new CopyOnWriteArrayList<>();
  private final List<Cluster> clusters = new CopyOnWriteArrayList<>();
  private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final LoopbackServer server = LoopbackServer.start(0);

  public LocalRds() {
    server.route("/", this::answer);
  }

  public URI endpoint() {
    return server.endpoint();
  }

  public static String arn(String region, String resource, String id) {
    return "arn:aws:rds:" + region + ":" + ACCOUNT + ":" + resource + ":" + id;
  }

  public static String host(String id, String region) {
    return id + ".c1example2ab." + region + ".rds.amazonaws.com";
  }

  /** A host of kind {@code cluster}, {@code cluster-ro} or {@code cluster-custom}. */
  public static String clusterHost(String kind, String id, String region) {
    return id + "." + kind + "-c1example2ab." + region + ".rds.amazonaws.com";
  }

  /** An instance of its own; returns its host. */
  public String addInstance(String region, String id, String engine) {
    return add(new Instance(region, id, host(id, region), engine, null, null));
  }

  /** An instance that RDS still makes, which has no endpoint yet. */
  public void addUnfinishedInstance(String region, String id) {
    add(new Instance(region, id, null, "postgres", null, null));
  }

  /**
   * A read replica; returns its host.
   *
   * @param source identifier or ARN
   */
  public String addReplica(String region, String id, String source) {
    return add(new Instance(region, id, host(id, region), "postgres", null, source));
  }

  /**
   * A cluster with these instances, of which the first is the writer; returns its writer's host.
   */
  public String addCluster(
      String region, String id, String engine, List<String> customHosts, String... members) {
    for (String member : members) {
      add(new Instance(region, member, host(member, region), engine, id, null));
    }
    clusters.add(new Cluster(region, id, engine, customHosts, List.of(members)));
    return clusterHost("cluster", id, region);
  }

  private String add(Instance instance) {
    instances.add(instance);
    return instance.host();
  }

  /** Has the next requests fail, each with one of these. */
  public void failNext(int times, int status, String code, String message) {
    for (int i = 0; i < times; i++) {
      faults.add(new Fault(status, code, message));
    }
  }

  /** The requests so far, as {@code ACTION REGION IDENTIFIER}. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> form =
          form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      String region = credential(exchange, 2);
      String action = form.getOrDefault("Action", "");
      ServiceCalls.record(credential(exchange, 1), "rds:" + action);
      Fault fault = faults.poll();
      if (fault != null) {
        requests.add(action + " " + region + " " + fault.code());
        fail(exchange, fault);
        return;
      }
      switch (action) {
        case "DescribeDBInstances" -> {
          String id = form.get("DBInstanceIdentifier");
          requests.add(action + " " + region + " " + id);
          Predicate<Instance> asked =
              i -> i.region().equals(region) && named(id, i.id(), arn(region, "db", i.id()));
          list(
              exchange,
              action,
              "DBInstances",
              "DBInstance",
              instances.stream().filter(asked).map(Instance::xml).toList(),
              id == null ? null : new Fault(404, "DBInstanceNotFound", id + " not found."));
        }
        case "DescribeDBClusters" -> {
          String id = form.get("DBClusterIdentifier");
          requests.add(action + " " + region + " " + id);
          Predicate<Cluster> asked =
              c -> c.region().equals(region) && named(id, c.id(), arn(region, "cluster", c.id()));
          list(
              exchange,
              action,
              "DBClusters",
              "DBCluster",
              clusters.stream().filter(asked).map(Cluster::xml).toList(),
              id == null ? null : new Fault(404, "DBClusterNotFoundFault", id + " not found."));
        }
        default -> fail(exchange, new Fault(400, "InvalidAction", "No such action: " + action));
      }
    }
  }

  /** Without a name all are asked for; a name is an identifier or ARN in any case. */
  private static boolean named(String name, String id, String arn) {
    return name == null || name.equalsIgnoreCase(id) || name.equalsIgnoreCase(arn);
  }

  private static void list(
      HttpExchange exchange,
      String action,
      String list,
      String item,
      List<String> found,
      Fault ifNone)
      throws IOException {
    if (found.isEmpty() && ifNone != null) {
      fail(exchange, ifNone);
      return;
    }
    String items = found.stream().map(xml -> element(item, xml)).collect(Collectors.joining());
    send(
        exchange,
        200,
        action + "Response",
        element(action + "Result", element(list, items))
            + element("ResponseMetadata", element("RequestId", "local")));
  }

  private static void fail(HttpExchange exchange, Fault fault) throws IOException {
    send(
        exchange,
        fault.status(),
        "ErrorResponse",
        element(
                "Error",
                element("Type", "Sender")
                    + element("Code", fault.code())
                    + element("Message", fault.message()))
            + element("RequestId", "local"));
  }

  private static void send(HttpExchange exchange, int status, String root, String content)
      throws IOException {
    byte[] body =
        ("<" + root + " xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">" + content)
            .concat("</" + root + ">")
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/xml");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  /** An element of an answer; none where it has no value. */
  private static String element(String name, String content) {
    return content == null ? "" : "<" + name + ">" + content + "</" + name + ">";
  }

  /** What a request is signed with: the access key id, or the region. */
  private static String credential(HttpExchange exchange, int group) {
    String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    Matcher credential = CREDENTIAL.matcher(authorization);
    return credential.find() ? credential.group(group) : "unsigned";
  }

  private static Map<String, String> form(String body) {
    Map<String, String> form = new TreeMap<>();
    for (String pair : body.split("&", -1)) {
      int equals = pair.indexOf('=');
      form.put(
          pair.substring(0, Math.max(0, equals)),
          URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
    }
    return form;
  }

  @Override
  public void close() {
    server.close();
  }
}
