/** The query function, which answers the requests of the RDS Data API. */
package io.keyturn.consumer;
