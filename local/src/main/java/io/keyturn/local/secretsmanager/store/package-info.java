/** The secrets in memory: their versions, labels and rotation settings. */
package io.keyturn.local.secretsmanager.store;
