/** The commands of keyturn.jar and their options. */
package io.keyturn.local.cli;
