package io.keyturn.local.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.local.lambda.FunctionDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamTemplateTest {
  private static final String TEMPLATE =
      """
      AWSTemplateFormatVersion: "2010-09-09"
      Transform: AWS::Serverless-2016-10-31
      Description: A secret with its rotation
      Parameters:
        Stage:
          Type: String
          Default: dev
          AllowedValues: [dev, prod]
        Prefix:
          Type: String
          Default: ""
        SubnetIds:
          Type: CommaDelimitedList
          Default: subnet-1, subnet-2
        DatabaseHost:
          Type: String
          Default: db.example.com
        ExistingSecret:
          Type: String
          Default: ""
      Conditions:
        IsProd: !Equals [!Ref Stage, prod]
        HasPrefix: !Not [!Equals [!Ref Prefix, ""]]
        Both: !And [!Condition IsProd, !Condition HasPrefix]
        Either: !Or [Condition: IsProd, Condition: HasPrefix]
        OwnSecret: !Equals [!Ref ExistingSecret, ""]
      Globals:
        Function:
          Runtime: java17
          Timeout: 30
          MemorySize: !If [IsProd, "1024", "256"]
          Environment:
            Variables:
              STAGE: !Ref Stage
              LEVEL: INFO
      Resources:
        Secret:
          Type: AWS::SecretsManager::Secret
          Condition: OwnSecret
          Properties:
            GenerateSecretString: {SecretStringTemplate: !Sub '{"username":"${Stage}"}'}
        Attachment:
          Type: AWS::SecretsManager::SecretTargetAttachment
          Condition: OwnSecret
          Properties:
            SecretId: !Ref Secret
            TargetType: AWS::RDS::DBInstance
            TargetId: !Ref Database
        Database:
          Type: AWS::RDS::DBInstance
        RotatorFunction:
          Type: AWS::Serverless::Function
          Properties:
            FunctionName: !If [HasPrefix, !Sub "${Prefix}-rotator", !Ref AWS::NoValue]
            CodeUri: rotator/target/rotator.jar
            Handler: io.keyturn.rotator.RotationHandler::handleRequest
            Timeout: 60
            Environment:
              Variables:
                LEVEL: DEBUG
                ENDPOINT: !Sub https://secretsmanager.${AWS::Region}.${AWS::URLSuffix}
                LITERAL: !Sub "${!Stage} is ${Stage} of ${AWS::StackName} in ${ AWS::AccountId }"
                MAPPED: !Sub
                  - "${Who}-${Stage}"
                  - Who: !Join ["/", [a, !Ref "AWS::Partition"]]
                FIRST_SUBNET: !Select [0, !Ref SubnetIds]
                SUBNETS: !Join [",", !Ref SubnetIds]
                DOMAIN: !Select [1, !Split [".", !Ref DatabaseHost]]
                ADDRESS: !GetAtt Database.Endpoint.Address
                LONG:
                  Fn::Join: ["", [{"Fn::Sub": "${Database.Endpoint.Port}"}, {"Ref": Database}]]
                EITHER: !If [Either, "yes", "no"]
                BOTH: !If [Both, "yes", "no"]
                NUMBER: 0070
                BOOLEAN: true
                GONE: !If [IsProd, set, !Ref "AWS::NoValue"]
            Tags:
              Of: !Transform {Name: never, Parameters: evaluated}
        ConsumerFunction:
          Type: AWS::Serverless::Function
          Properties:
            FunctionName: consumer
            CodeUri: ./rotator/target/rotator.jar
            Handler: io.keyturn.consumer.ConsumerHandler
            Environment:
              Variables:
                SECRET_ID: !Ref Secret
                ROTATOR: !GetAtt RotatorFunction.Arn
                ROTATOR_NAME: !Ref RotatorFunction
        Schedule:
          Type: AWS::SecretsManager::RotationSchedule
          Properties:
            SecretId: !If [OwnSecret, !Ref Attachment, !Ref ExistingSecret]
            RotationLambdaARN: !GetAtt RotatorFunction.Arn
            RotateImmediatelyOnUpdate: false
            RotationRules:
              ScheduleExpression: rate(4 hours)
              Duration: !If [IsProd, 2h, !Ref "AWS::NoValue"]
        Monthly:
          Type: AWS::SecretsManager::RotationSchedule
          Condition: IsProd
          Properties:
            SecretId: !Ref Secret
            RotationLambdaARN: arn:aws:lambda:us-east-1:000000000000:function:other
            RotationRules:
              AutomaticallyAfterDays: 30
      """;

  @TempDir Path folder;

  @BeforeEach
  void buildTheJar() throws IOException {
    Files.createDirectories(folder.resolve("rotator/target"));
    Files.createFile(folder.resolve("rotator/target/rotator.jar"));
  }

  @Test
  void functionsAreReadWithTheGlobalsAndEverythingEvaluated() throws IOException {
    SamTemplate template = SamTemplate.read(write(TEMPLATE));

    assertThat(template.functions())
        .extracting(TemplateFunction::logicalId)
        .containsExactly("RotatorFunction", "ConsumerFunction");
    FunctionDefinition rotator = template.functions().get(0).definition();
    assertThat(rotator.name()).isEqualTo("RotatorFunction");
    assertThat(rotator.arn())
        .isEqualTo("arn:aws:lambda:us-east-1:000000000000:function:RotatorFunction");
    assertThat(rotator.jar())
        .isEqualTo(folder.toAbsolutePath().resolve("rotator/target/rotator.jar"));
    assertThat(rotator.handler()).isEqualTo("io.keyturn.rotator.RotationHandler::handleRequest");
    assertThat(rotator.timeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(rotator.memorySize()).isEqualTo(256);
    assertThat(rotator.environment())
        .containsOnly(
            Map.entry("STAGE", "dev"),
            Map.entry("LEVEL", "DEBUG"),
            Map.entry("ENDPOINT", "https://secretsmanager.us-east-1.amazonaws.com"),
            Map.entry("LITERAL", "${Stage} is dev of keyturn in 000000000000"),
            Map.entry("MAPPED", "a/aws-dev"),
            Map.entry("FIRST_SUBNET", "subnet-1"),
            Map.entry("SUBNETS", "subnet-1,subnet-2"),
            Map.entry("DOMAIN", "example"),
            Map.entry("ADDRESS", "keyturn-local:Database.Endpoint.Address"),
            Map.entry("LONG", "keyturn-local:Database.Endpoint.Portkeyturn-local:Database"),
            Map.entry("EITHER", "no"),
            Map.entry("BOTH", "no"),
            Map.entry("NUMBER", "0070"),
            Map.entry("BOOLEAN", "true"));

    FunctionDefinition consumer = template.functions().get(1).definition();
    assertThat(consumer.name()).isEqualTo("consumer");
    assertThat(consumer.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(consumer.environment())
        .containsOnly(
            Map.entry("STAGE", "dev"),
            Map.entry("LEVEL", "INFO"),
            Map.entry("SECRET_ID", "keyturn-local:Secret"),
            Map.entry("ROTATOR", rotator.arn()),
            Map.entry("ROTATOR_NAME", "RotatorFunction"));
  }

  @Test
  void theReferenceOfAnAliasIsItsArn() throws IOException {
    String template =
        """
        Globals: {Function: {AutoPublishAlias: live}}
        Resources:
          Rotator:
            Type: AWS::Serverless::Function
            Properties: {CodeUri: rotator/target/rotator.jar, Handler: a.B}
          Other:
            Type: AWS::Serverless::Function
            Properties:
              CodeUri: rotator/target/rotator.jar
              Handler: a.B
              AutoPublishAlias: own
              Environment: {Variables: {ROTATOR: !Ref Rotator.Alias, SELF: !Ref Other.Alias}}
          Schedule:
            Type: AWS::SecretsManager::RotationSchedule
            Properties: {SecretId: shop/db, RotationLambdaARN: !Ref Rotator.Alias, RotationRules: {AutomaticallyAfterDays: 1}}
        """;
    SamTemplate read = SamTemplate.read(write(template));

    assertThat(read.functions())
        .extracting(function -> function.definition().alias())
        .containsExactly(Optional.of("live"), Optional.of("own"));
    assertThat(read.functions().get(1).definition().environment())
        .containsOnly(
            Map.entry("ROTATOR", "arn:aws:lambda:us-east-1:000000000000:function:Rotator:live"),
            Map.entry("SELF", "arn:aws:lambda:us-east-1:000000000000:function:Other:own"));
    assertThat(read.rotationSchedules().get(0).functionLogicalId()).contains("Rotator");
    assertThat(SamTemplate.parameterNames(write(template))).isEmpty();
  }

  @Test
  void anAliasThatIsNotPublishedIsAnError() throws IOException {
    Path file =
        write(function("Handler: a.B\n      Environment: {Variables: {SELF: !Ref F.Alias}}"));

    assertThatThrownBy(() -> SamTemplate.read(file))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("F has no AutoPublishAlias");
  }

  @Test
  void parametersAndAttributesCanBeGiven() throws IOException {
    SamTemplate template =
        SamTemplate.read(
            write(TEMPLATE),
            Map.of("Stage", "prod", "Prefix", "shop", "SubnetIds", "subnet-9"),
            Map.of(
                "Secret",
                "arn:of:secret",
                "Database.Endpoint.Address",
                "127.0.0.1",
                "Attachment",
                "arn:of:secret"));

    FunctionDefinition rotator = template.functions().get(0).definition();
    assertThat(rotator.name()).isEqualTo("shop-rotator");
    assertThat(rotator.memorySize()).isEqualTo(1024);
    assertThat(rotator.environment())
        .containsEntry("ADDRESS", "127.0.0.1")
        .containsEntry("BOTH", "yes")
        .containsEntry("EITHER", "yes")
        .containsEntry("GONE", "set")
        .containsEntry("SUBNETS", "subnet-9");
    assertThat(template.functions().get(1).definition().environment())
        .containsEntry("SECRET_ID", "arn:of:secret")
        .containsEntry("ROTATOR", rotator.arn());
    assertThat(template.rotationSchedules())
        .containsExactly(
            new TemplateSchedule(
                "Schedule",
                "arn:of:secret",
                Optional.of("Secret"),
                rotator.arn(),
                Optional.of("RotatorFunction"),
                Optional.empty(),
                Optional.of("rate(4 hours)"),
                Optional.of("2h"),
                false),
            new TemplateSchedule(
                "Monthly",
                "arn:of:secret",
                Optional.of("Secret"),
                "arn:aws:lambda:us-east-1:000000000000:function:other",
                Optional.empty(),
                Optional.of(30),
                Optional.empty(),
                Optional.empty(),
                true));
  }

  @Test
  void aScheduleFindsItsSecretByWayOfTheAttachment() throws IOException {
    SamTemplate template = SamTemplate.read(write(TEMPLATE));

    assertThat(template.rotationSchedules()).hasSize(1);
    TemplateSchedule schedule = template.rotationSchedules().get(0);
    assertThat(schedule.secretId()).isEqualTo("keyturn-local:Attachment");
    assertThat(schedule.secretLogicalId()).contains("Secret");
    assertThat(schedule.functionLogicalId()).contains("RotatorFunction");
    assertThat(schedule.duration()).isEmpty();
  }

  @Test
  void aScheduleMayRotateASecretOfAnotherStack() throws IOException {
    String template = TEMPLATE.replace("SECRET_ID: !Ref Secret", "SECRET_ID: !Ref ExistingSecret");
    TemplateSchedule schedule =
        SamTemplate.read(write(template), Map.of("ExistingSecret", "shop/db"), Map.of())
            .rotationSchedules()
            .get(0);

    assertThat(schedule.secretId()).isEqualTo("shop/db");
    assertThat(schedule.secretLogicalId()).isEmpty();
  }

  @Test
  void aFunctionWithoutTimeoutAndMemoryHasLambdasDefaults() throws IOException {
    FunctionDefinition function =
        SamTemplate.read(write(function("Handler: a.B"))).functions().get(0).definition();

    assertThat(function.timeout()).isEqualTo(Duration.ofSeconds(3));
    assertThat(function.memorySize()).isEqualTo(128);
    assertThat(function.environment()).isEmpty();
  }

  @Test
  void theWayToLogIsHandedToTheRuntime() throws IOException {
    String template =
        function("Handler: a.B\n      LoggingConfig: {LogFormat: JSON, ApplicationLogLevel: WARN}");

    assertThat(SamTemplate.read(write(template)).functions().get(0).definition().environment())
        .containsOnly(
            Map.entry("AWS_LAMBDA_LOG_FORMAT", "JSON"), Map.entry("AWS_LAMBDA_LOG_LEVEL", "WARN"));
  }

  @Test
  void globalMapsAreMergedListsJoinedAndOtherValuesReplaced() {
    Object global =
        Map.of("map", Map.of("a", "1", "b", "2"), "list", List.of("x"), "value", "v", "only", "o");
    Object own =
        Map.of("map", Map.of("b", "3"), "list", List.of("y"), "value", Map.of("Ref", "Other"));

    assertThat(Globals.merge(global, own))
        .isEqualTo(
            Map.of(
                "map",
                Map.of("a", "1", "b", "3"),
                "list",
                List.of("x", "y"),
                "value",
                Map.of("Ref", "Other"),
                "only",
                "o"));
    assertThat(Globals.merge(Map.of("Ref", "Tags"), Map.of("a", "1"))).isEqualTo(Map.of("a", "1"));
  }

  @Test
  void whatAnotherServiceHoldsCanBeGiven() throws IOException {
    String template =
        function(
            """
            Handler: a.B
                  Environment:
                    Variables:
                      B: "{{resolve:ssm:/db/host}}:5432"
                      C: !Sub "{{resolve:ssm:/db/${AWS::Region}}}"
                      E: !Ref FRole
            """);
    Map<String, String> given =
        Map.of(
            "{{resolve:ssm:/db/host}}",
            "db",
            "{{resolve:ssm:/db/us-east-1}}",
            "regional",
            "FRole",
            "role");

    assertThat(
            SamTemplate.read(write(template), Map.of(), given)
                .functions()
                .get(0)
                .definition()
                .environment())
        .containsOnly(
            Map.entry("B", "db:5432"), Map.entry("C", "regional"), Map.entry("E", "role"));
  }

  @Test
  void theErrorForAMissingJarSaysHowToBuildIt() throws IOException {
    Files.delete(folder.resolve("rotator/target/rotator.jar"));

    assertError(
        TEMPLATE,
        "Resources.RotatorFunction.Properties.CodeUri: there is no jar "
            + folder.toAbsolutePath().resolve("rotator/target/rotator.jar")
            + "; build it with: mvn package");
  }

  @Test
  void parametersThatDoNotFitAreRefused() throws IOException {
    Path file = write(TEMPLATE);
    assertThatThrownBy(() -> SamTemplate.read(file, Map.of("Stag", "x"), Map.of()))
        .isInstanceOf(TemplateException.class)
        .hasMessage(
            file
                + ", Parameters: Stag is not a parameter of this template; its parameters are"
                + " [Stage, Prefix, SubnetIds, DatabaseHost, ExistingSecret]");
    assertThatThrownBy(() -> SamTemplate.read(file, Map.of("Stage", "test"), Map.of()))
        .hasMessage(
            file
                + ", Parameters.Stage: \"test\" is not one of its AllowedValues, which are [dev,"
                + " prod]");
    assertError(
        TEMPLATE.replace("Default: db.example.com", "MinLength: 1"),
        "Parameters.DatabaseHost: it has no value; pass one with the template's parameters");
    assertError(
        TEMPLATE.replace(
            "    Type: String\n    Default: db",
            "    Type: AWS::SSM::Parameter::Value<String>\n    Default: db"),
        "Parameters.DatabaseHost: it has no value; pass one with the template's parameters");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "CodeUri: rotator/target/rotator.jar | Name: x | RotatorFunction.Properties.CodeUri: it is"
            + " missing; expected is the path of the function's jar",
        "CodeUri: rotator/target/rotator.jar | CodeUri: rotator | is a folder; the path of the"
            + " function's jar is expected",
        "CodeUri: rotator/target/rotator.jar | CodeUri: {Bucket: b} |"
            + " RotatorFunction.Properties.CodeUri: a string is expected, not a map",
        "Runtime: java17 | Runtime: python3.13 | Resources.RotatorFunction.Properties.Runtime: the"
            + " local stack runs Java functions only, such as java17, not python3.13",
        "Timeout: 60 | Timeout: soon | Resources.RotatorFunction.Properties.Timeout: a whole number"
            + " is expected, not \"soon\"",
        "Timeout: 60 | Timeout: 901 | Resources.RotatorFunction.Properties: The timeout of function"
            + " RotatorFunction must be from 1 to 900 seconds, not PT15M1S",
        "LEVEL: DEBUG | AWS_REGION: x | Resources.RotatorFunction.Properties: Function"
            + " RotatorFunction cannot set what Lambda itself sets: remove AWS_REGION from its"
            + " environment variables",
        "LEVEL: DEBUG | LEVEL: [a] | RotatorFunction.Properties.Environment.Variables.LEVEL: a string"
            + " is expected, not a list",
        "LEVEL: DEBUG | LEVEL: | RotatorFunction.Properties.Environment.Variables.LEVEL: a string is"
            + " expected, not nothing",
        "LEVEL: DEBUG | LEVEL: !Ref Stge | Variables.LEVEL.Ref: Stge is neither a parameter nor a"
            + " resource of this template, or its Condition is false; correct the name, or pass"
            + " its value with the template's attributes",
        "LEVEL: DEBUG | LEVEL: !Sub ${Stge} | Variables.LEVEL.Fn::Sub.Ref: Stge is neither a parameter",
        "LEVEL: DEBUG | LEVEL: !GetAtt Datbase.Arn | Variables.LEVEL.Fn::GetAtt: Datbase is"
            + " neither a parameter",
        "LEVEL: DEBUG | LEVEL: !GetAtt Database | Variables.LEVEL.Fn::GetAtt: [resource, attribute]"
            + " or resource.attribute is expected",
        "LEVEL: DEBUG | LEVEL: !If [Never, a, b] | Variables.LEVEL.Fn::If[0]: there is no condition"
            + " Never; the template has [IsProd, HasPrefix, Both, Either, OwnSecret]",
        "LEVEL: DEBUG | LEVEL: !If [IsProd, a] | Variables.LEVEL.Fn::If: [condition, value if true,"
            + " value if false] is expected",
        "LEVEL: DEBUG | LEVEL: !Select [2, !Ref SubnetIds] | Variables.LEVEL.Fn::Select: index 2 is"
            + " outside the list, which has 2",
        "LEVEL: DEBUG | LEVEL: !Cidr [a, b, c] | Variables.LEVEL.Fn::Cidr: Fn::Cidr is not"
            + " evaluated for the local stack, which supports Ref, Fn::GetAtt",
        "LEVEL: DEBUG | LEVEL: '{{resolve:ssm:x}}' | Variables.LEVEL: {{resolve:ssm:x}} is not"
            + " known here; pass its value with the template's attributes, as \"{{resolve:ssm:x}}\"",
        "FunctionName: consumer | FunctionName: con sumer | Resources.ConsumerFunction.Properties:"
            + " \"con sumer\" cannot name a Lambda function",
        "FunctionName: consumer | FunctionName: !Ref ConsumerFunction |"
            + " Resources.ConsumerFunction.Properties.FunctionName: it depends on itself",
        "IsProd: !Equals [!Ref Stage, prod] | IsProd: !Not [!Condition IsProd] |"
            + " Conditions.IsProd.Fn::Not[0].Condition: condition IsProd depends on itself",
        "IsProd: !Equals [!Ref Stage, prod] | IsProd: !Ref Stage | Conditions.IsProd: Condition or"
            + " one of Fn::And, Equals, Not and Or is expected",
        "IsProd: !Equals [!Ref Stage, prod] | IsProd: !Equals [prod] |"
            + " Conditions.IsProd.Fn::Equals: [value, value] is expected",
        "Condition: IsProd | Condition: Prod | Resources.Monthly.Condition: there is no condition"
            + " Prod;",
        "ScheduleExpression: rate(4 hours) | AutomaticallyAfterDays: 1001 |"
            + " Resources.Schedule.Properties.RotationRules.AutomaticallyAfterDays: 1 to 1000 days"
            + " are expected, not 1001",
        "ScheduleExpression: rate(4 hours) | {ScheduleExpression: rate(4 hours)} |"
            + " it is not YAML",
        "RotateImmediatelyOnUpdate: false | RotateImmediatelyOnUpdate: maybe |"
            + " Resources.Schedule.Properties.RotateImmediatelyOnUpdate: true or false is expected,"
            + " not \"maybe\"",
        "RotateImmediatelyOnUpdate: false | SecretId: again | key SecretId is duplicated; remove one"
            + " of them",
        "Database: | Attachment: | key Attachment is duplicated; remove one of them",
        "Type: AWS::RDS::DBInstance | Type: | Resources.Database.Type: a string is expected, not"
            + " nothing",
      })
  void errorsSayWhereAndWhatIsExpected(String right, String wrong, String message)
      throws IOException {
    assertThat(TEMPLATE).contains(right);
    assertError(TEMPLATE.replace(right + "\n", wrong + "\n"), message);
  }

  @Test
  void twoKindsOfRuleAreRefused() throws IOException {
    assertError(
        TEMPLATE.replace("rate(4 hours)", "rate(4 hours)\n        AutomaticallyAfterDays: 3"),
        "Resources.Schedule.Properties.RotationRules: Secrets Manager takes either"
            + " AutomaticallyAfterDays or ScheduleExpression; remove one");
  }

  @Test
  void aFileThatIsNotATemplateIsRefused() throws IOException {
    assertError("", "it is empty; a SAM template is expected");
    assertError("a: b", "it has no Resources; a SAM template is expected");
    assertError("- a", "a map of keys and values is expected, not a list");
    assertError("Resources: &a {X: *a}", "line 1: an anchor holds an alias of itself");
    assertError("Resources: {[a]: b}", "line 1: a key is not a string");
    Path none = folder.resolve("none.yaml");
    assertThatThrownBy(() -> SamTemplate.read(none))
        .hasMessage(none + ": there is no such file; name a SAM template");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0});
    assertThatThrownBy(() -> SamTemplate.read(binary))
        .hasMessageContaining("it cannot be read as UTF-8 text");
  }

  private void assertError(String template, String message) throws IOException {
    Path file = write(template);
    assertThatThrownBy(() -> SamTemplate.read(file))
        .isInstanceOf(TemplateException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void nestedTemplatesAreReadWithTheOutputsOfEachOther() throws IOException {
    Files.writeString(
        folder.resolve("rotator.yaml"),
        """
        Parameters:
          users: {Type: CommaDelimitedList}
        Resources:
          F:
            Type: AWS::Serverless::Function
            Properties:
              FunctionName: !Sub ${AWS::StackName}-f
              CodeUri: rotator/target/rotator.jar
              Handler: a.B
              Environment: {Variables: {USERS: !Join ["|", !Ref users]}}
        Outputs:
          Arn: {Value: !GetAtt F.Arn}
          Zones: {Value: !GetAZs ""}
        """);
    Files.writeString(
        folder.resolve("secret.yaml"),
        """
        Parameters:
          Function: {Type: String}
          Host: {Type: String}
        Resources:
          Secret:
            Type: AWS::SecretsManager::Secret
            Properties:
              GenerateSecretString: {SecretStringTemplate: "{}", GenerateStringKey: password}
              Tags: [{Key: "keyturn:host", Value: !Ref Host}]
          Schedule:
            Type: AWS::SecretsManager::RotationSchedule
            Properties:
              SecretId: !Ref Secret
              RotationLambdaARN: !Ref Function
              RotationRules: {ScheduleExpression: rate(30 days)}
        Outputs:
          Arn: {Value: !Ref Secret}
        """);
    Path file =
        write(
            """
            Resources:
              Secret:
                Type: AWS::CloudFormation::Stack
                Properties:
                  TemplateURL: secret.yaml
                  Parameters: {Function: !GetAtt Rotator.Outputs.Arn, Host: !GetAtt Database.Endpoint}
              Rotator:
                Type: AWS::Serverless::Application
                Properties:
                  Location: rotator.yaml
                  Parameters: {users: [a, b]}
              Bought:
                Type: AWS::Serverless::Application
                Properties:
                  Location: {ApplicationId: "arn:aws:serverlessrepo:us-east-1:1:applications/x", SemanticVersion: 1.0.0}
              Database: {Type: AWS::RDS::DBInstance}
              Query:
                Type: AWS::Serverless::Function
                Properties:
                  CodeUri: rotator/target/rotator.jar
                  Handler: a.B
                  Environment: {Variables: {SECRET_ID: !GetAtt Secret.Outputs.Arn, BOUGHT: !GetAtt Bought.Outputs.X}}
            """);

    SamTemplate template =
        SamTemplate.read(
            file, Map.of(), Map.of("Secret/Secret", "arn:s", "Database.Endpoint", "db"));

    assertThat(template.functions())
        .extracting(TemplateFunction::logicalId)
        .containsExactly("Query", "Rotator/F");
    assertThat(template.functions().get(0).definition().environment())
        .containsEntry("SECRET_ID", "arn:s")
        .containsEntry("BOUGHT", "keyturn-local:Bought.Outputs.X");
    assertThat(template.functions().get(1).definition().name()).isEqualTo("keyturn-f");
    assertThat(template.functions().get(1).definition().environment())
        .containsEntry("USERS", "a|b");
    assertThat(template.secrets().get(0).tags()).containsEntry("keyturn:host", "db");
    TemplateSchedule schedule = template.rotationSchedules().get(0);
    assertThat(schedule.logicalId()).isEqualTo("Secret/Schedule");
    assertThat(schedule.secretLogicalId()).contains("Secret/Secret");
    assertThat(schedule.functionLogicalId()).contains("Rotator/F");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nowhere.yaml | {} | there is no template",
        "nested.yaml | {N: !GetAtt Nested.Outputs.N} | depend on its own outputs",
        "nested.yaml | {N: !GetAtt Other.Outputs.M} | there is no such output",
        "nested.yaml | {X: y} | not a parameter of this template",
      })
  void aNestedTemplateThatCannotBeReadIsNamed(String location, String parameters, String message)
      throws IOException {
    Files.writeString(
        folder.resolve("nested.yaml"),
        """
        Parameters: {N: {Type: String, Default: n}}
        Resources: {S: {Type: AWS::SecretsManager::Secret, Properties: {KmsKeyId: !Ref N}}}
        Outputs: {N: {Value: !Ref N}}
        """);
    Path file =
        write(
            """
            Resources:
              Other: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: nested.yaml}}
              Nested:
                Type: AWS::CloudFormation::Stack
                Properties: {TemplateURL: %s, Parameters: %s}
            """
                .formatted(location, parameters));

    assertThatThrownBy(() -> SamTemplate.read(file))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining(message);
  }

  private Path write(String template) throws IOException {
    return Files.writeString(folder.resolve("template.yaml"), template);
  }

  private static String function(String properties) {
    return """
    Resources:
      F:
        Type: AWS::Serverless::Function
        Properties:
          CodeUri: rotator/target/rotator.jar
          %s
    """
        .formatted(properties);
  }
}
