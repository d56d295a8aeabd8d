package io.keyturn.local.secretsmanager;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.secretsmanager.rotation.FunctionInvoker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** A rotation function in memory that does what AWS's own template does, unless told otherwise. */
final class TestFunction implements FunctionInvoker {
  private final ObjectMapper json = new ObjectMapper();
  private final SecretsManagerClient client;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private volatile Function<Call, Optional<String>> behaviour = this::rotate;

  private volatile boolean broken;

  record Call(String step, String secretId, String versionId, String rotationToken) {}

  TestFunction(SecretsManagerClient client) {
    this.client = client;
  }

  /** What the function does from now on; {@link #rotate} is what it does at first. */
  void behave(Function<Call, Optional<String>> newBehaviour) {
    behaviour = newBehaviour;
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  List<String> steps() {
    return calls.stream().map(Call::step).toList();
  }

  /** Makes the question whether a function exists fail. */
  void failToExist() {
    broken = true;
  }

  @Override
  public boolean exists(String functionArn) {
    if (broken) {
      throw new IllegalStateException("no list of functions");
    }
    return functionArn.equals(Fixture.FUNCTION);
  }

  @Override
  public Optional<String> invoke(String functionArn, byte[] event) {
    Call call;
    try {
      JsonNode fields = json.readTree(event);
      call =
          new Call(
              fields.get("Step").textValue(),
              fields.get("SecretId").textValue(),
              fields.get("ClientRequestToken").textValue(),
              fields.get("RotationToken").textValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    calls.add(call);
    try {
      return behaviour.apply(call);
    } catch (SdkException e) {
      // As in Lambda: an exception is what the function ends with, not what the call ends with.
      return Optional.of(e.toString());
    }
  }

  Optional<String> rotate(Call call) {
    if (call.step().equals("createSecret") && !hasValue(call)) {
      client.putSecretValue(
          r ->
              r.secretId(call.secretId())
                  .clientRequestToken(call.versionId())
                  .secretString("made for " + call.versionId())
                  .versionStages("AWSPENDING"));
    }
    if (call.step().equals("finishSecret")) {
      moveCurrent(call);
    }
    return Optional.empty();
  }

  boolean hasValue(Call call) {
    try {
      client.getSecretValue(
          r -> r.secretId(call.secretId()).versionId(call.versionId()).versionStage("AWSPENDING"));
      return true;
    } catch (ResourceNotFoundException e) {
      return false;
    }
  }

  private void moveCurrent(Call call) {
    String current = client.getSecretValue(r -> r.secretId(call.secretId())).versionId();
    if (!current.equals(call.versionId())) {
      client.updateSecretVersionStage(
          r ->
              r.secretId(call.secretId())
                  .versionStage("AWSCURRENT")
                  .moveToVersionId(call.versionId())
                  .removeFromVersionId(current));
    }
  }
}
