package io.keyturn.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Decision;
import io.keyturn.local.permissions.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a template's functions may do, and who may use its secrets. */
class PermissionsInTemplateTest {
  private static final String SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:a";
  private static final String KEY = "arn:aws:kms:us-east-1:000000000000:key/Key";
  private static final String ROLE = "arn:aws:iam::000000000000:role/Role";

  private static final String TEMPLATE =
      """
      Parameters:
        Admin: {Type: String, Default: ""}
      Conditions:
        HasAdmin: !Not [!Equals [!Ref Admin, ""]]
      Resources:
        Key: {Type: AWS::KMS::Key}
        Secret:
          Type: AWS::SecretsManager::Secret
          Properties: {KmsKeyId: !Ref Key}
        Other: {Type: AWS::SecretsManager::Secret}
        SecretPolicy:
          Type: AWS::SecretsManager::ResourcePolicy
          Properties:
            SecretId: !Ref Secret
            ResourcePolicy:
              Version: "2012-10-17"
              Statement:
                - Effect: Deny
                  Principal: "*"
                  Action: "*"
                  Resource: "*"
                  Condition: {ArnNotEquals: {aws:PrincipalArn: !GetAtt Role.Arn}}
        Role:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument: {}
            Policies:
              - PolicyName: read
                PolicyDocument:
                  Version: "2012-10-17"
                  Statement:
                    - {Effect: Allow, Action: "secretsmanager:GetSecretValue", Resource: !Ref Secret}
                    - !If
                      - HasAdmin
                      - {Effect: Allow, Action: "secretsmanager:GetSecretValue", Resource: !Ref Admin}
                      - !Ref AWS::NoValue
              - PolicyName: decrypt
                PolicyDocument:
                  Statement: {Effect: Allow, Action: "kms:Decrypt", Resource: !GetAtt Key.Arn}
        Function:
          Type: AWS::Serverless::Function
          Properties:
            CodeUri: function.jar
            Handler: Handler
            Role: !GetAtt Role.Arn
      """;

  @TempDir private Path folder;

  private SamTemplate read(String template, Map<String, String> parameters) throws IOException {
    Files.createFile(folder.resolve("function.jar"));
    Path file = Files.writeString(folder.resolve("template.yaml"), template);
    return SamTemplate.read(file, parameters, Map.of("Secret", SECRET));
  }

  private Optional<FunctionRole> role(String properties) throws IOException {
    return read(TEMPLATE.replace("Role: !GetAtt Role.Arn", properties), Map.of())
        .functions()
        .get(0)
        .role();
  }

  private static boolean allows(FunctionRole role, String action, String resource) {
    return role.policy().decide(Access.to(action, resource)) == Decision.ALLOWED;
  }

  @Test
  void aFunctionMayDoWhatItsRolesPoliciesAllow() throws IOException {
    SamTemplate template = read(TEMPLATE, Map.of());

    FunctionRole role = template.functions().get(0).role().orElseThrow();
    assertThat(role.arn()).isEqualTo(ROLE);
    assertThat(role.name()).isEqualTo("Role");
    assertThat(allows(role, "secretsmanager:GetSecretValue", SECRET)).isTrue();
    assertThat(allows(role, "secretsmanager:GetSecretValue", "arn:of:admin")).isFalse();
    assertThat(allows(role, "kms:Decrypt", KEY)).isTrue();
  }

  @Test
  void theConditionsOfTheTemplateCount() throws IOException {
    FunctionRole role =
        read(TEMPLATE, Map.of("Admin", "arn:of:admin")).functions().get(0).role().orElseThrow();

    assertThat(allows(role, "secretsmanager:GetSecretValue", "arn:of:admin")).isTrue();
  }

  @Test
  void aSecretHasItsKeyAndItsPolicy() throws IOException {
    SamTemplate template = read(TEMPLATE, Map.of());

    TemplateSecret secret = template.secrets().get(0);
    assertThat(secret.logicalId()).isEqualTo("Secret");
    assertThat(secret.kmsKeyId()).contains("Key");
    Policy policy = secret.resourcePolicy().orElseThrow();
    Access read = Access.to("secretsmanager:GetSecretValue", SECRET);
    assertThat(policy.decide(read.with("aws:PrincipalArn", ROLE))).isEqualTo(Decision.NOT_ALLOWED);
    assertThat(policy.decide(read.with("aws:PrincipalArn", ROLE + "2"))).isEqualTo(Decision.DENIED);
    assertThat(template.secrets().get(1))
        .isEqualTo(
            new TemplateSecret(
                "Other", Optional.empty(), Optional.empty(), Map.of(), Optional.empty()));
  }

  @Test
  void aSecretHasWhatItsFirstValueIsGeneratedInto() throws IOException {
    String template =
        """
        Parameters: {Host: {Type: String, Default: db}}
        Resources:
          Generated:
            Type: AWS::SecretsManager::Secret
            Properties:
              GenerateSecretString:
                SecretStringTemplate: !Sub '{"host":"${Host}"}'
                GenerateStringKey: password
          Bare:
            Type: AWS::SecretsManager::Secret
            Properties: {GenerateSecretString: {PasswordLength: 20}}
        """;

    assertThat(read(template, Map.of()).secrets())
        .extracting(TemplateSecret::generated)
        .containsExactly(
            Optional.of(new TemplateSecret.Generated("{\"host\":\"db\"}", "password")),
            Optional.empty());
  }

  @Test
  void withoutARoleSamMakesOneOfTheStatements() throws IOException {
    FunctionRole role =
        role("Policies: [{Statement: [{Effect: Allow, Action: 'a:b', Resource: '*'}]}]")
            .orElseThrow();

    assertThat(role.arn()).isEqualTo("arn:aws:iam::000000000000:role/FunctionRole");
    assertThat(allows(role, "a:b", "arn:of:anything")).isTrue();
    assertThat(allows(role, "a:c", "arn:of:anything")).isFalse();
  }

  @Test
  void aFunctionWithoutPoliciesMayDoNothing() throws IOException {
    assertThat(allows(role("Timeout: 5").orElseThrow(), "a:b", "*")).isFalse();
  }

  @Test
  void whatTheTemplateDoesNotSayIsNotKnown() throws IOException {
    assertThat(role("Policies: [{VPCAccessPolicy: {}}]")).isEmpty();
  }

  @Test
  void aRoleOfAnotherStackIsNotKnown() throws IOException {
    assertThat(role("Role: 'arn:aws:iam::000000000000:role/elsewhere'")).isEmpty();
  }

  @Test
  void whatCannotBeJudgedIsAnError() {
    assertThatThrownBy(() -> read(TEMPLATE.replace("ArnNotEquals", "IpAddress"), Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessageContainingAll("SecretPolicy.Properties.ResourcePolicy", "IpAddress");
  }

  @Test
  void aRolesPoliciesMustAllBeItsOwn() {
    assertThatThrownBy(
            () ->
                read(
                    TEMPLATE.replace(
                        "AssumeRolePolicyDocument: {}", "ManagedPolicyArns: ['arn:of:policy']"),
                    Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessageContainingAll("Role.Properties.ManagedPolicyArns", "put the statements there");
  }
}
