/** What the RDS API knows of a database: its host, its replicas, and tokens to log in with. */
package io.keyturn.rotator.rds;
