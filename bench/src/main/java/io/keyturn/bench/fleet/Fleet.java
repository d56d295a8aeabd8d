package io.keyturn.bench.fleet;

import io.keyturn.local.LocalClient;
import io.keyturn.local.LocalClock;
import io.keyturn.local.RunFolder;
import io.keyturn.local.StartedParts;
import io.keyturn.local.http.LoopbackServer;
import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.lambda.LambdaSettings;
import io.keyturn.local.lambda.LocalLambda;
import io.keyturn.local.secretsmanager.Authorizer;
import io.keyturn.local.secretsmanager.LocalSecretsManager;
import io.keyturn.local.secretsmanager.RequestLog;
import io.keyturn.local.secretsmanager.RotationListener;
import io.keyturn.local.secretsmanager.RotationReport;
import io.keyturn.local.secretsmanager.RotationRetries;
import io.keyturn.local.secretsmanager.RotationStepReport;
import io.keyturn.local.secretsmanager.ServiceLimits;
import io.keyturn.local.template.SamTemplate;
import io.keyturn.local.template.TemplateFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * Many secrets on one PostgreSQL, which the packaged rotator rotates in one window.
 *
 * <p>Their windows all begin at one instant, as secrets do that one template deployed; the local
 * clock runs so fast that none begins again meanwhile.
 */
final class Fleet implements AutoCloseable {
  /** Of real time, in which an hour passes on the local clock, for each secret. */
  private static final Duration HOUR_PER_SECRET = Duration.ofMillis(5);

  private static final Duration LEAST_HOUR = Duration.ofSeconds(1);

  /** Requests per second that even a busy machine answers. */
  private static final double SURE_PACE = 45;

  /** For other work that keeps the machine busy just then. */
  private static final Duration MARGIN = Duration.ofSeconds(4);

  private static final Duration LONGEST_ROTATION = Duration.ofSeconds(10);
  private static final Duration LONGEST_START = Duration.ofMinutes(10);

  private static final Pattern DIFFERS =
      Pattern.compile("arn:\\S+|app_\\d+(_clone)?|[0-9a-f]{8}-[0-9a-f-]{27}");

  private final FleetPlan plan;
  private final Consumer<String> progress;
  private final StartedParts parts;
  private final LocalClock clock;
  private final FunctionDefinition function;
  private final FleetDatabase database;
  private final LocalLambda lambda;
  private final FleetFunction metered;
  private final LocalSecretsManager service;
  private final FleetSecrets secrets;
  private final Queue<RotationReport> finished = new ConcurrentLinkedQueue<>();
  private final Queue<String> errors = new ConcurrentLinkedQueue<>();

  /** Starts the server and the service, and makes the secrets. */
  static Fleet start(FleetPlan plan, Consumer<String> progress) throws Exception {
    StartedParts parts = new StartedParts("fleet");
    return parts.start(() -> new Fleet(plan, progress, parts));
  }

  private Fleet(FleetPlan plan, Consumer<String> progress, StartedParts parts)
      throws SQLException, InterruptedException {
    this.parts = parts;
    this.plan = plan;
    this.progress = progress;
    Duration hour = HOUR_PER_SECRET.multipliedBy(plan.secrets()).plus(LEAST_HOUR);
    clock = LocalClock.passing(Duration.ofHours(1), hour);
    RunFolder folder = parts.opened(RunFolder.create());
    database = parts.opened(FleetDatabase.start(folder.folder("postgres"), plan.maxConnections()));
    lambda =
        parts.opened(
            new LocalLambda(
                LambdaSettings.defaults()
                    .withFolder(folder.folder("lambda"))
                    .withConcurrency(plan.environments())
                    .withLogs(plan.logs())));
    metered = new FleetFunction(lambda);
    service =
        parts.opened(
            new LocalSecretsManager(
                clock,
                metered,
                RotationRetries.DEFAULT,
                Authorizer.ALLOW_ALL,
                new ServiceLimits(plan.quotas(), plan.rotationsAtOnce())));
    service.addRotationListener(
        new RotationListener() {
          @Override
          public void stepFinished(RotationStepReport report) {
            report.error().ifPresent(error -> errors.add(report.step() + ": " + error));
          }

          @Override
          public void rotationFinished(RotationReport report) {
            finished.add(report);
          }
        });
    LoopbackServer endpoint = parts.opened(LoopbackServer.start(0));
    endpoint.route("/", service.httpHandler());
    SecretsManagerClient client = parts.opened(LocalClient.of(endpoint.endpoint()));
    function =
        rotationFunction(plan)
            .withEnvironment(
                Map.of(
                    "SECRETS_MANAGER_ENDPOINT", endpoint.endpoint().toString(),
                    "AWS_ENDPOINT_URL", endpoint.endpoint().toString()));
    lambda.register(function);
    progress.accept("making " + plan.secrets() + " roles and secrets");
    database.createRoles(plan.secrets());
    secrets = new FleetSecrets(plan, database, client);
    secrets.create();
  }

  private static FunctionDefinition rotationFunction(FleetPlan plan) {
    SamTemplate template = SamTemplate.read(plan.template());
    String name =
        template.rotationSchedules().get(0).functionLogicalId().orElseThrow(() -> noFunction(plan));
    return template.functions().stream()
        .filter(function -> function.logicalId().equals(name))
        .map(TemplateFunction::definition)
        .findFirst()
        .orElseThrow(() -> noFunction(plan));
  }

  private static IllegalArgumentException noFunction(FleetPlan plan) {
    return new IllegalArgumentException(
        plan.template() + " has no rotation schedule with a function of its own");
  }

  String postgresVersion() throws SQLException {
    return database.version();
  }

  /**
   * Has all secrets rotated in one window, which finds no environment started: after the weeks
   * since the last one there is none.
   */
  WindowReport window() throws InterruptedException {
    lambda.restart(function.name());
    turnOn();
    metered.takeCalls();
    metered.takeTurnedAway();
    finished.clear();
    errors.clear();
    service.requests().clear();
    ServerLog before = database.log();
    Duration databaseBefore = database.processorTime();

    long start = awaitFirstCall();
    awaitAll();
    Duration took = Duration.ofNanos(System.nanoTime() - start);

    Duration processor = Duration.ZERO;
    long peak = 0;
    for (ProcessHandle process : lambda.processes(function.name())) {
      processor = processor.plus(process.info().totalCpuDuration().orElse(Duration.ZERO));
      peak = Math.max(peak, peakMegabytes(process));
    }
    Duration databaseProcessor = database.processorTime().minus(databaseBefore);
    ServerLog during = database.log().since(before);
    List<RotationReport> rotations = List.copyOf(finished);
    List<RequestLog.Entry> requests =
        service.requests().all().stream()
            .filter(entry -> entry.caller().equals(function.accessKeyId()))
            .toList();
    progress.accept("checking passwords and labels");
    return new WindowReport(
        rotations.size(),
        (int) rotations.stream().filter(rotation -> !rotation.succeeded()).count(),
        took,
        rotations.stream().mapToInt(rotation -> rotation.attempts() - 1).sum(),
        requests.stream()
            .collect(
                Collectors.groupingBy(
                    RequestLog.Entry::operation, TreeMap::new, Collectors.counting())),
        (int)
            requests.stream()
                .filter(entry -> entry.error().filter("ThrottlingException"::equals).isPresent())
                .count(),
        metered.takeTurnedAway(),
        metered.takeCalls(),
        function.memorySize(),
        processor,
        databaseProcessor,
        peak,
        during.logins(),
        during.mostConnections(),
        during.turnedAway(),
        during.concurrentUpdates(),
        errors(),
        secrets.problems());
  }

  private void turnOn() throws InterruptedException {
    progress.accept("turning on rotation");
    Duration needed =
        MARGIN.plus(
            Duration.ofMillis(
                (long) (1500 * plan.secrets() / Math.min(plan.requestsPerSecond(), SURE_PACE))));
    double hours = (double) needed.toNanos() / clock.toReal(Duration.ofHours(1)).toNanos();
    Instant start =
        clock
            .instant()
            .plusSeconds((long) (hours * 3600))
            .truncatedTo(ChronoUnit.HOURS)
            .plus(1, ChronoUnit.HOURS);
    ZonedDateTime date = start.atZone(ZoneOffset.UTC);
    metered.turningOn(true);
    secrets.turnOn(
        function.arn(), "cron(0 " + date.getHour() + " " + date.getDayOfMonth() + " * ? *)");
    if (!clock.instant().isBefore(start)) {
      throw new IllegalStateException(
          "The window began before rotation was turned on for all secrets: give it more time, with"
              + " fewer secrets or a higher quota");
    }
    // The window's start is awaited below; what the service still tests until then is no rotation.
    metered.turningOn(false);
    progress.accept("waiting for the window");
  }

  private long awaitFirstCall() throws InterruptedException {
    while (service.requests().count("DescribeSecret") == 0) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return System.nanoTime();
  }

  private void awaitAll() throws InterruptedException {
    long end =
        System.nanoTime()
            + LONGEST_ROTATION.multipliedBy(plan.secrets()).plus(LONGEST_START).toNanos();
    long reported = System.nanoTime();
    while (finished.size() < plan.secrets()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "Only " + finished.size() + " of " + plan.secrets() + " rotations have ended");
      }
      if (System.nanoTime() - reported > TimeUnit.SECONDS.toNanos(10)) {
        reported = System.nanoTime();
        progress.accept(finished.size() + " of " + plan.secrets() + " rotated");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** What steps ended with, without what differs from secret to secret, and how often. */
  private Map<String, Long> errors() {
    return errors.stream()
        .collect(
            Collectors.groupingBy(
                error -> DIFFERS.matcher(error).replaceAll("…"),
                TreeMap::new,
                Collectors.counting()));
  }

  private static long peakMegabytes(ProcessHandle process) {
    try {
      return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToLong(kilobytes -> Long.parseLong(kilobytes) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException("The memory of process " + process.pid() + " is unknown", e);
    }
  }

  @Override
  public void close() {
    parts.close();
  }
}
