package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;

/** One operation of the service. It is called under the store's lock. */
interface Operation {
  ObjectNode answer(Request request);
}
