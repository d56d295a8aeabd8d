/** Checks secrets that a rotator is to rotate, with the packaged rotator, and changes nothing. */
package io.keyturn.local.check;
