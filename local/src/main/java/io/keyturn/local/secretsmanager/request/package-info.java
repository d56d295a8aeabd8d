/** The fields of a request, and the errors that the service answers with. */
package io.keyturn.local.secretsmanager.request;
