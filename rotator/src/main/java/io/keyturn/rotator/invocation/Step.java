package io.keyturn.rotator.invocation;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The four steps of a rotation, in the order in which Secrets Manager calls them.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html">Lambda
 *     rotation functions</a>
 */
public enum Step {
  CREATE_SECRET("createSecret"),
  SET_SECRET("setSecret"),
  TEST_SECRET("testSecret"),
  FINISH_SECRET("finishSecret");

  private final String wireName;

  Step(String wireName) {
    this.wireName = wireName;
  }

  static Step of(String wireName) {
    return Arrays.stream(values())
        .filter(step -> step.wireName.equals(wireName))
        .findFirst()
        .orElseThrow(
            () ->
                new RotationException(
                    "Unknown step \"%s\": a rotation event's \"Step\" is one of %s"
                        .formatted(
                            wireName,
                            Arrays.stream(values())
                                .map(Step::toString)
                                .collect(Collectors.joining(", ")))));
  }

  @Override
  public String toString() {
    return wireName;
  }
}
