"""Queries through the query function.

Usage: query.py FUNCTION
"""

import json
import sys

import boto3


def query(function, sql, **parameters):
    """The rows, as a list of dictionaries."""
    request = {
        "sql": sql,
        "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
        "formatRecordsAs": "JSON",
    }
    answer = boto3.client("lambda").invoke(FunctionName=function, Payload=json.dumps(request))
    payload = json.load(answer["Payload"])
    if "FunctionError" in answer:
        raise RuntimeError(payload["errorType"] + ": " + payload["errorMessage"])
    return json.loads(payload["formattedRecords"])


if __name__ == "__main__":
    for row in query(
        sys.argv[1],
        "SELECT n, n * n AS square FROM generate_series(1, :last) AS n",
        last={"longValue": 3},
    ):
        print(row["n"], row["square"])
