import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

/**
 * The client of the RDS Data API that Drizzle (`send`) and Kysely (`executeStatement` and its kind) ask for, which invokes the
 * query function instead.
 */
export class LambdaDataApi {
  constructor(functionName, lambda = new LambdaClient()) {
    this.functionName = functionName;
    this.lambda = lambda;
  }

  executeStatement = (input) => this.#invoke(input);
  batchExecuteStatement = (input) => this.#invoke({ parameterSets: [], ...input });
  beginTransaction = (input) => this.#invoke(input);
  commitTransaction = (input) => this.#invoke(input);
  rollbackTransaction = (input) => this.#invoke(input);

  send(command) {
    return command.constructor.name === "BatchExecuteStatementCommand"
      ? this.batchExecuteStatement(command.input)
      : this.#invoke(command.input);
  }

  async #invoke(event) {
    const { Payload, FunctionError } = await this.lambda.send(
      new InvokeCommand({ FunctionName: this.functionName, Payload: JSON.stringify(event, blobToBase64) }),
    );
    const text = Buffer.from(Payload).toString();
    if (FunctionError) {
      const { errorType, errorMessage } = JSON.parse(text);
      throw Object.assign(new Error(errorMessage), { name: errorType.split(/[.$]/).pop() });
    }
    return JSON.parse(text, blobFromBase64);
  }
}

// In JSON a blob is Base64; for the client it is bytes. A Buffer is an object by the time that this sees it.
function blobToBase64(key, value) {
  return key === "blobValue" ? Buffer.from(value.data ?? Object.values(value)).toString("base64") : value;
}

function blobFromBase64(key, value) {
  return key === "blobValue" ? new Uint8Array(Buffer.from(value, "base64")) : value;
}
