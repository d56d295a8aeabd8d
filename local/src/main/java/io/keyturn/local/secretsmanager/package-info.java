/** A local Secrets Manager for unchanged SDKs and the AWS CLI. */
package io.keyturn.local.secretsmanager;
