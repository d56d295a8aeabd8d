/** When a secret is rotated: rules, schedule expressions and rotation windows. */
package io.keyturn.local.secretsmanager.schedule;
