/** The SQL that a rotation runs: sessions, and what they read and change of the roles. */
package io.keyturn.rotator.role;
