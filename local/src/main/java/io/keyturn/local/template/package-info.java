/** Reads functions, secrets, schedules and roles from a SAM template. */
package io.keyturn.local.template;
