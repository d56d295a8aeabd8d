/** The rehearsal: rotations on a schedule while queries run, and its report. */
package io.keyturn.local.rehearsal;
