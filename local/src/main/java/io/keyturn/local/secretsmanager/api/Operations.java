package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.rotation.Rotations;
import io.keyturn.local.secretsmanager.store.SecretStore;
import java.util.HashMap;
import java.util.Map;

/** All operations by name. */
public final class Operations {
  private final Map<String, Operation> byName = new HashMap<>();
  private final SecretStore store;

  public Operations(SecretStore store, Rotations rotations) {
    this.store = store;
    ValueOperations values = new ValueOperations(store, rotations);
    values.addTo(byName);
    new BatchOperations(store, values).addTo(byName);
    new SecretOperations(store, values, rotations).addTo(byName);
    new DescribeOperations(store).addTo(byName);
    new VersionOperations(store).addTo(byName);
    new RotationOperations(store, rotations).addTo(byName);
    new TagOperations(store).addTo(byName);
    new PolicyOperations(store).addTo(byName);
    new RandomPassword().addTo(byName);
  }

  ObjectNode answer(String name, Request request) {
    Operation operation = byName.get(name);
    if (operation == null) {
      throw ServiceException.of(
          "UnknownOperationException", "The local Secrets Manager has no operation " + name + ".");
    }
    return store.locked(() -> operation.answer(request));
  }
}
