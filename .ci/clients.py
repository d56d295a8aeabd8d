"""Quick starts of boto3, aurora-data-api, SQLAlchemy and awswrangler against the local stack: by the Data API's endpoint, and
by the shim that invokes the function. And of the AWS CLI, by the endpoint. Arguments: the function, the cluster's ARN, the
secret's ARN. AWS_ENDPOINT_URL names the stack.
"""

import datetime
import decimal
import json
import pathlib
import subprocess
import sys
import uuid

import aurora_data_api
import awswrangler
import boto3
import sqlalchemy
from lambda_data_api import LambdaDataApi

FUNCTION, CLUSTER, SECRET = sys.argv[1:]


def each_type(client):
    """Every kind of parameter, and every kind of result."""
    arns = {"resourceArn": CLUSTER, "secretArn": SECRET, "database": "postgres"}
    key = str(uuid.uuid4())
    kinds = [
        # type, parameter, type hint, result
        ("text", {"stringValue": "é ' :1"}, None, {"stringValue": "é ' :1"}),
        ("int8", {"longValue": 2**63 - 1}, None, {"longValue": 2**63 - 1}),
        ("float8", {"doubleValue": 0.1}, None, {"doubleValue": 0.1}),
        ("bool", {"booleanValue": True}, None, {"booleanValue": True}),
        ("bytea", {"blobValue": b"\x00\x01\xff"}, None, {"blobValue": b"\x00\x01\xff"}),
        ("text", {"isNull": True}, None, {"isNull": True}),
        ("uuid", {"stringValue": key}, "UUID", {"stringValue": key}),
        ("date", {"stringValue": "2024-02-29"}, "DATE", {"stringValue": "2024-02-29"}),
        ("time", {"stringValue": "10:30:00"}, "TIME", {"stringValue": "10:30:00"}),
        ("timestamp", {"stringValue": "2024-02-29 01:02:03.456"}, "TIMESTAMP", {"stringValue": "2024-02-29 01:02:03.456"}),
        ("numeric", {"stringValue": "1234567890.123456789"}, "DECIMAL", {"stringValue": "1234567890.123456789"}),
        ("jsonb", {"stringValue": '{"a": [1, null]}'}, "JSON", {"stringValue": '{"a": [1, null]}'}),
    ]
    for sql_type, value, hint, expected in kinds:
        parameter = {"name": "p", "value": value, **({"typeHint": hint} if hint else {})}
        answer = client.execute_statement(sql=f"SELECT CAST(:p AS {sql_type}) AS v", parameters=[parameter], **arns)
        assert answer["records"] == [[expected]], (sql_type, answer)
    for array, kind, values in [
        ("array[1, 2]", "longValues", [1, 2]),
        ("array['a', 'b']", "stringValues", ["a", "b"]),
        ("array[true, false]", "booleanValues", [True, False]),
        ("array[0.5::float8]", "doubleValues", [0.5]),
    ]:
        answer = client.execute_statement(sql=f"SELECT {array}", **arns)
        assert answer["records"] == [[{"arrayValue": {kind: values}}]], answer
    try:
        client.execute_statement(sql="SELECT missing", **arns)
        raise AssertionError("no error")
    except client.exceptions.DatabaseErrorException as e:
        assert "42703" in str(e), e


def aurora(client):
    connection = aurora_data_api.connect(
        aurora_cluster_arn=CLUSTER, secret_arn=SECRET, database="postgres", rds_data_client=client
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT :n + 1 AS n, :d AS d", {"n": 41, "d": "x"})
        assert cursor.fetchall() == [(42, "x")]
        cursor.execute("SELECT 1.50::numeric, '2024-02-29'::date, NULL::int, true")
        assert cursor.fetchone() == (decimal.Decimal("1.50"), datetime.date(2024, 2, 29), None, True)
        cursor.execute("SELECT i FROM generate_series(1, 900) AS i")
        assert len(cursor.fetchall()) == 900


def alchemy(client):
    engine = sqlalchemy.create_engine(
        "postgresql+auroradataapi://:@/postgres",
        connect_args={"aurora_cluster_arn": CLUSTER, "secret_arn": SECRET, "rds_data_client": client},
    )
    with engine.connect() as connection:
        rows = connection.execute(sqlalchemy.text("SELECT :a AS a, 2 AS b"), {"a": "x"}).mappings().all()
        assert [dict(row) for row in rows] == [{"a": "x", "b": 2}], rows
        assert "pg_class" in sqlalchemy.inspect(connection).get_table_names(schema="pg_catalog")


def wrangler(client):
    connection = awswrangler.data_api.rds.connect(resource_arn=CLUSTER, database="postgres", secret_arn=SECRET)
    connection.client = client
    frame = awswrangler.data_api.rds.read_sql_query(
        "SELECT i, 'x' || i AS name, i * 1.50 AS price, NULL::text AS nothing, i > 1 AS large,"
        " timestamp '2024-02-29 01:02:03' AS at FROM generate_series(1, 2) AS i",
        connection,
    )
    assert list(frame.columns) == ["i", "name", "price", "nothing", "large", "at"], frame
    assert frame["i"].tolist() == [1, 2] and frame["name"].tolist() == ["x1", "x2"], frame
    assert frame["price"].tolist() == ["1.50", "3.00"], frame
    assert frame["nothing"].isna().all() and frame["large"].tolist() == [False, True], frame
    assert frame["at"][0] == "2024-02-29 01:02:03", frame


def aws_cli():
    def aws(command, *options):
        answer = subprocess.run(
            [pathlib.Path(sys.executable).with_name("aws"), "rds-data", command]
            + ["--resource-arn", CLUSTER, "--secret-arn", SECRET, *options],
            capture_output=True,
            text=True,
        )
        if answer.returncode != 0:
            raise RuntimeError(answer.stderr)
        return json.loads(answer.stdout)

    parameters = '[{"name": "p", "value": {"stringValue": "2024-02-29"}, "typeHint": "DATE"}]'
    query = ("--database", "postgres", "--sql", "SELECT :p AS day, 1 AS one", "--parameters", parameters)
    records = [[{"stringValue": "2024-02-29"}, {"longValue": 1}]]
    assert aws("execute-statement", *query)["records"] == records
    batch = aws("batch-execute-statement", "--sql", "SELECT :p", "--parameter-sets", f"[{parameters}, {parameters}]")
    assert len(batch["updateResults"]) == 2, batch
    for end in "commit-transaction", "rollback-transaction":
        transaction = ("--transaction-id", aws("begin-transaction", "--database", "postgres")["transactionId"])
        assert aws("execute-statement", *query, *transaction)["records"] == records
        assert aws(end, *transaction)["transactionStatus"], end
    try:
        aws("execute-statement", "--sql", "SELECT missing")
        raise AssertionError("no error")
    except RuntimeError as e:
        assert "DatabaseErrorException" in str(e) and "42703" in str(e), e


if __name__ == "__main__":
    for way, client in {"endpoint": boto3.client("rds-data"), "shim": LambdaDataApi(FUNCTION)}.items():
        for check in (each_type, aurora, alchemy, wrangler):
            check(client)
            print(f"{check.__name__} by the {way}: ok", flush=True)
    aws_cli()
    print("aws_cli by the endpoint: ok", flush=True)
