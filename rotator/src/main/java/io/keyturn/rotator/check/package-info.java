/** What a check of a secret found out, as sentences and as JSON. */
package io.keyturn.rotator.check;
