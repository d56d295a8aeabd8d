package io.keyturn.local.secretsmanager;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** One operation of the service. It is called under the store's lock. */
interface Operation {
  ObjectNode answer(Request request);
}
