# The schedule of a secret that exists, with the function of sam/rotator.yaml.
data "aws_ssm_parameter" "rotator" {
  name = "/keyturn-rotator/function-arn"
}

data "aws_secretsmanager_secret" "shop" {
  name = "shop/db"
}

resource "aws_secretsmanager_secret_rotation" "shop" {
  secret_id           = data.aws_secretsmanager_secret.shop.id
  rotation_lambda_arn = data.aws_ssm_parameter.rotator.value
  # As soon as the schedule is there only the current login is tested.
  rotate_immediately = false

  rotation_rules {
    schedule_expression = "rate(30 days)"
  }
}

# Where Terraform also made the secret's value, it must not put the first password back:
#
# resource "aws_secretsmanager_secret_version" "shop" {
#   ...
#   lifecycle {
#     ignore_changes = [secret_string]
#   }
# }
