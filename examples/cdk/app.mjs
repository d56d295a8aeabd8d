// A secret of CDK's own shape for an instance that exists, rotated by the function of sam/rotator.yaml.
import { App, Stack, aws_rds as rds, aws_secretsmanager as secretsmanager, aws_ssm as ssm } from 'aws-cdk-lib';

const app = new App({ outdir: process.argv[2] ?? 'cdk.out' });
const stack = new Stack(app, 'Shop');

const secret = new rds.DatabaseSecret(stack, 'Secret', {
  username: 'shop',
  masterSecret: secretsmanager.Secret.fromSecretCompleteArn(
    stack,
    'Admin',
    'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/admin-AbCdEf',
  ),
});
// Writes host, port and database into the secret.
new secretsmanager.CfnSecretTargetAttachment(stack, 'Attachment', {
  secretId: secret.secretArn,
  targetId: 'shop-database',
  targetType: 'AWS::RDS::DBInstance',
});
const schedule = new secretsmanager.CfnRotationSchedule(stack, 'Rotation', {
  secretId: secret.secretArn,
  rotationLambdaArn: ssm.StringParameter.valueForStringParameter(stack, '/keyturn-rotator/function-arn'),
  rotationRules: { scheduleExpression: 'rate(30 days)' },
});
schedule.node.addDependency(stack.node.findChild('Attachment'));

app.synth();
