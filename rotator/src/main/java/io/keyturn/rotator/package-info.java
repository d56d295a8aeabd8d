/** The rotation function: its four steps, and the two strategies that carry them out. */
package io.keyturn.rotator;
