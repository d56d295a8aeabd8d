package io.keyturn.local.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
  private static final String SECRET = "arn:aws:secretsmanager:us-east-1:1:secret:app-AbCdEf";
  private static final Access READ = Access.to("secretsmanager:GetSecretValue", SECRET);

  private static Policy policy(String... statements) throws IOException {
    return Policy.of(
        new ObjectMapper()
            .readValue(
                "{'Version':'2012-10-17','Statement':[%s]}"
                    .formatted(String.join(",", statements))
                    .replace('\'', '"'),
                Map.class));
  }

  private static String allow(String action, String resource) {
    return "{'Effect':'Allow','Action':'%s','Resource':'%s'}".formatted(action, resource);
  }

  /** Whether a condition lets a request through whose key "aws:K" has these values, if any. */
  private static boolean holds(String condition, String values) throws IOException {
    Policy policy =
        policy(
            "{'Effect':'Allow','Action':'*','Resource':'*','Condition':%s}".formatted(condition));
    Access access = values == null ? READ : READ.with("AWS:k", values.split(" ", -1));
    return policy.decide(access) == Decision.ALLOWED;
  }

  @Test
  void whatNoStatementAllowsIsNotAllowed() throws IOException {
    assertThat(policy().decide(READ)).isEqualTo(Decision.NOT_ALLOWED);
    assertThat(policy(allow("secretsmanager:PutSecretValue", SECRET)).decide(READ))
        .isEqualTo(Decision.NOT_ALLOWED);
  }

  @Test
  void aDenialCountsMoreThanAnyAllowance() throws IOException {
    String deny = allow("secretsmanager:Get*", "*").replace("Allow", "Deny");

    assertThat(policy(allow("*", "*")).decide(READ)).isEqualTo(Decision.ALLOWED);
    assertThat(policy(deny, allow("*", "*")).decide(READ)).isEqualTo(Decision.DENIED);
    assertThat(policy(deny).decide(READ)).isEqualTo(Decision.DENIED);
    assertThat(Policy.of(List.of(policy(allow("*", "*")), policy(deny))).decide(READ))
        .isEqualTo(Decision.DENIED);
  }

  @ParameterizedTest
  @CsvSource({
    "secretsmanager:GetSecretValue, true",
    "SecretsManager:getsecretvalue, true",
    "secretsmanager:Get*, true",
    "*, true",
    "secretsmanager:GetSecretValu?, true",
    "secretsmanager:GetSecretValue?, false",
    "secretsmanager:GetSecret, false",
    "kms:*, false"
  })
  void actions(String action, boolean allowed) throws IOException {
    assertThat(policy(allow(action, "*")).decide(READ) == Decision.ALLOWED).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource({
    "arn:aws:secretsmanager:us-east-1:1:secret:app-AbCdEf, true",
    "arn:aws:secretsmanager:us-east-1:1:secret:app-??????, true",
    "arn:aws:secretsmanager:us-east-1:1:secret:*, true",
    "arn:*:secretsmanager:*:*:secret:app-*, true",
    "arn:aws:secretsmanager:us-east-1:1:secret:APP-*, false",
    "arn:aws:secretsmanager:us-east-1:1:secret:app, false",
    // A wildcard does not reach beyond its part.
    "arn:aws:secretsmanager:*:secret:app-AbCdEf, false",
    "*, true"
  })
  void resources(String resource, boolean allowed) throws IOException {
    assertThat(policy(allow("*", resource)).decide(READ) == Decision.ALLOWED).isEqualTo(allowed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      quoteCharacter = '~',
      value = {
        "{'StringEquals':{'aws:k':'a'}} | a | true",
        "{'StringEquals':{'aws:k':['b','a']}} | a | true",
        "{'StringEquals':{'aws:k':'A'}} | a | false",
        "{'StringEquals':{'aws:k':'*'}} | a | false",
        "{'StringEquals':{'aws:k':'a'}} | - | false",
        "{'StringNotEquals':{'aws:k':'a'}} | b | true",
        "{'StringNotEquals':{'aws:k':['b','a']}} | a | false",
        "{'StringNotEquals':{'aws:k':'a'}} | - | true",
        "{'StringLike':{'aws:k':'a*c?'}} | abbcd | true",
        "{'StringLike':{'aws:k':'a*'}} | - | false",
        "{'StringNotLike':{'aws:k':'a*'}} | ab | false",
        "{'StringNotLike':{'aws:k':'a*'}} | - | true",
        "{'ArnEquals':{'aws:k':'arn:aws:iam::1:role/*'}} | arn:aws:iam::1:role/a | true",
        "{'ArnLike':{'aws:k':'arn:aws:iam::*:role/a'}} | arn:aws:iam::1:role/a | true",
        "{'ArnLike':{'aws:k':'arn:aws:*:role/a'}} | arn:aws:iam::1:role/a | false",
        "{'ArnLike':{'aws:k':'arn:aws:iam::1:role/a'}} | - | false",
        "{'ArnNotLike':{'aws:k':'arn:aws:iam::1:role/*'}} | arn:aws:iam::1:role/a | false",
        "{'ArnNotEquals':{'aws:k':['arn:aws:iam::1:role/a','arn:aws:iam::1:role/b']}}"
            + " | arn:aws:iam::1:role/b | false",
        "{'ArnNotEquals':{'aws:k':'arn:aws:iam::1:role/a'}} | arn:aws:iam::1:root | true",
        "{'ArnNotEquals':{'aws:k':'arn:aws:iam::1:role/a'}} | - | true",
        "{'Bool':{'aws:k':'true'}} | True | true",
        "{'Bool':{'aws:k':'false'}} | true | false",
        "{'Bool':{'aws:k':'false'}} | - | false",
        "{'Null':{'aws:k':'true'}} | - | true",
        "{'Null':{'aws:k':'true'}} | a | false",
        "{'Null':{'aws:k':'false'}} | a | true",
        "{'Null':{'aws:k':'false'}} | - | false",
        "{'ForAnyValue:StringEquals':{'aws:k':['a','b']}} | x b | true",
        "{'ForAnyValue:StringEquals':{'aws:k':['a','b']}} | x y | false",
        "{'ForAnyValue:StringEquals':{'aws:k':'a'}} | - | false",
        "{'ForAnyValue:StringNotEquals':{'aws:k':'a'}} | a b | true",
        "{'ForAnyValue:StringNotEquals':{'aws:k':'a'}} | - | false",
        "{'ForAllValues:StringEquals':{'aws:k':['a','b']}} | b a | true",
        "{'ForAllValues:StringEquals':{'aws:k':['a','b']}} | a x | false",
        "{'ForAllValues:StringEquals':{'aws:k':'a'}} | - | true",
        "{'ForAllValues:StringNotEquals':{'aws:k':'a'}} | x y | true",
        "{'ForAllValues:StringNotEquals':{'aws:k':'a'}} | x a | false",
        "{'ForAllValues:StringNotEquals':{'aws:k':'a'}} | - | true",
        // All conditions must hold.
        "{'StringLike':{'aws:k':'a*'},'StringNotEquals':{'aws:k':'ab'}} | ac | true",
        "{'StringLike':{'aws:k':'a*'},'StringNotEquals':{'aws:k':'ab'}} | ab | false",
        "{'StringEquals':{'aws:k':'a','aws:other':'a'}} | a | false"
      })
  void conditions(String condition, String values, boolean expected) throws IOException {
    assertThat(holds(condition, values)).isEqualTo(expected);
  }

  @Test
  void severalValuesNeedToBeTakenAsSuch() {
    assertThatThrownBy(() -> holds("{'StringEquals':{'aws:k':'a'}}", "a b"))
        .isInstanceOf(PolicyException.class)
        .hasMessageContainingAll("aws:k", "ForAnyValue:");
  }

  @Test
  void everyPrincipalIsMeant() throws IOException {
    for (String principal : new String[] {"'*'", "{'AWS':'*'}", "{'AWS':['*']}"}) {
      assertThat(
              policy(allow("*", "*").replace("{", "{'Principal':" + principal + ",")).decide(READ))
          .isEqualTo(Decision.ALLOWED);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'AWS':'arn:aws:iam::000000000000:role/f'} | true",
        "{'AWS':['arn:aws:iam::000000000000:role/g','arn:aws:iam::000000000000:role/f']} | true",
        "{'AWS':'arn:aws:iam::000000000000:role/g'} | false",
        "{'AWS':'arn:aws:iam::000000000000:root'} | true",
        "{'AWS':'000000000000'} | true",
        "{'AWS':'111111111111'} | false",
        "{'Service':'lambda.amazonaws.com'} | false",
      })
  void aPrincipalIsARoleOrItsAccount(String principal, boolean meant) throws IOException {
    Policy policy = policy(allow("*", "*").replace("{", "{'Principal':" + principal + ","));

    assertThat(policy.decide(READ.with("aws:PrincipalArn", "arn:aws:iam::000000000000:role/f")))
        .isEqualTo(meant ? Decision.ALLOWED : Decision.NOT_ALLOWED);
    assertThat(policy.decide(READ)).isEqualTo(Decision.NOT_ALLOWED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'Effect':'Allow','NotAction':'a:b','Resource':'*'}",
        "{'Effect':'Allow','Action':'a:b','NotResource':'*'}",
        "{'Effect':'Allow','Action':'a:b'}",
        "{'Effect':'Allow','Resource':'*'}",
        "{'Effect':'allow','Action':'a:b','Resource':'*'}",
        "{'Action':'a:b','Resource':'*'}",
        "{'Effect':'Allow','Action':[],'Resource':'*'}",
        "{'Effect':'Allow','Action':'a:b','Resource':'${aws:username}'}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','Principal':{'Federated':'x'}}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','NotPrincipal':'*'}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','Principal':'someone'}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'IpAddress':{'a:b':'c'}}}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEqualsIfExists':{'a:b':'c'}}}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'ForOne:StringLike':{'a:b':'c'}}}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'Null':{'a:b':'maybe'}}}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':{'StringEquals':{'a:b':[]}}}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','Condition':'StringEquals'}",
        "'Allow'"
      })
  void whatIsNotKnownIsAnError(String statement) {
    assertThatThrownBy(() -> policy(statement)).isInstanceOf(PolicyException.class);
  }

  @Test
  void aPolicyHasStatements() {
    assertThatThrownBy(() -> Policy.of(Map.of("Version", "2012-10-17")))
        .isInstanceOf(PolicyException.class)
        .hasMessageContaining("Statement");
    assertThatThrownBy(() -> Policy.of(Map.of("Statements", "x")))
        .isInstanceOf(PolicyException.class)
        .hasMessageContaining("Statements");
  }
}
