/** The rotation function: the four steps, the two strategies, and the SQL that they run. */
package io.keyturn.rotator;
