"""Calls of DynamoDB by its JSON protocol, unsigned: DynamoDB Local checks no signature. Standard library only."""

import http.client
import json

TARGET = "DynamoDB_20120810."
PATIENCE_SECONDS = 60
TIMES = 8  # a conflict with somebody else's transaction, which is no answer to the question


class Refused(Exception):
    """The condition of a write did not hold."""


class DynamoDbError(Exception):
    def __init__(self, status, kind, document):
        super().__init__(f"{status} {kind}: {document}")
        self.kind = kind
        self.reasons = [reason.get("Code") for reason in document.get("CancellationReasons", [])]


class DynamoDbCalls:
    """One keep-alive connection, opened as needed. Not for several threads."""

    def __init__(self, port):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def call(self, operation, **document):
        """The answer's document. Raises DynamoDbError."""
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": TARGET + operation,
                   "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-2/dynamodb/aws4_request, "
                                    "SignedHeaders=host, Signature=none"}
        try:
            self.http.request("POST", "/", json.dumps(document).encode(), headers)
            answer = self.http.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.http.close()
            raise
        found = json.loads(text) if text else {}
        if answer.status != 200:
            raise DynamoDbError(answer.status, found.get("__type", "").partition("#")[2], found)
        return found

    def write(self, kind, **action):
        """One action, Put or Update, in a transaction. Raises Refused if its condition does not hold."""
        for turn in range(TIMES):
            try:
                return self.call("TransactWriteItems", TransactItems=[{kind: action}])
            except DynamoDbError as error:
                if "ConditionalCheckFailed" in error.reasons:
                    raise Refused from error
                if error.reasons != ["TransactionConflict"] or turn == TIMES - 1:
                    raise
        return None

    def put(self, table, item):
        """Whatever was there before."""
        self.call("PutItem", TableName=table, Item=item)

    def get(self, table, name):
        """The stack's item, or None."""
        found = self.call("GetItem", TableName=table, Key={"stackName": {"S": name}}, ConsistentRead=True)
        return found.get("Item")

    def close(self):
        self.http.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
