/** Connections and secrets for functions and services that do not notice a rotation. */
package io.keyturn.datasource;
