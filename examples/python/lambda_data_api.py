"""boto3's client of the RDS Data API, for those who take one, which invokes the query function instead:

    aurora_data_api.connect(rds_data_client=LambdaDataApi("query-function"), ...)
"""

import base64
import json

import boto3


class LambdaDataApi:
    def __init__(self, function, client=None):
        self.function = function
        self.client = client or boto3.client("lambda")
        # Which exceptions there are, without a call.
        self.exceptions = boto3.client("rds-data").exceptions

    def execute_statement(self, **event):
        return self._invoke(event)

    def batch_execute_statement(self, **event):
        return self._invoke({"parameterSets": [], **event})

    def begin_transaction(self, **event):
        return self._invoke(event)

    def commit_transaction(self, **event):
        return self._invoke(event)

    def rollback_transaction(self, **event):
        return self._invoke(event)

    def _invoke(self, event):
        # In JSON a blob is Base64; for the client it is bytes.
        payload = json.dumps(event, default=lambda blob: base64.b64encode(blob).decode())
        answer = self.client.invoke(FunctionName=self.function, Payload=payload)
        result = json.load(answer["Payload"], object_hook=_with_bytes)
        if "FunctionError" in answer:
            name = result["errorType"].replace("$", ".").rsplit(".", 1)[-1]
            error = getattr(self.exceptions, name, self.exceptions.ClientError)
            raise error({"Error": {"Code": name, "Message": result["errorMessage"]}}, "Invoke")
        return result


def _with_bytes(value):
    if "blobValue" in value:
        value["blobValue"] = base64.b64decode(value["blobValue"])
    return value
