/** The commands of bench.jar and their options. */
package io.keyturn.bench.cli;
