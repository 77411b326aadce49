"""A stand-in for the original on a table of its own on DynamoDB: it makes exactly the original's reads and writes,
and trips where the original would.

The original knows two attributes, `isAvailable` ("x" or absent) and `lastUsed`, and reads one page of whatever it
asks for. Its sweep decides on what a scan said and then releases by name.
"""

import datetime
import re

from dynamodb_calls import DynamoDbCalls, Refused

EXPIRY_SECONDS = 7200
# What datetime.fromisoformat of the original's Python takes: nothing, or three or six digits behind the seconds.
ISO_FORMAT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{3}(\d{3})?)?(\+\d\d:\d\d)?")


def parse(text):
    """As the original parses lastUsed. Raises ValueError where it would."""
    if not ISO_FORMAT.fullmatch(text):
        raise ValueError(f"Invalid isoformat string: {text!r}")
    return datetime.datetime.fromisoformat(text)


def now_text():
    """A Lambda function's local time is UTC."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None).isoformat()


class Original:
    """Its functions, on the connection of one thread. Each answers whether it did what was asked."""

    def __init__(self, port, table):
        self.calls = DynamoDbCalls(port)
        self.table = table

    def create(self, name, repo, available=True):
        item = {"stackName": {"S": name}, "repoName": {"S": repo}, "lastUsed": {"S": now_text()}}
        if available:
            item["isAvailable"] = {"S": "x"}
        return self.is_done("Put", Item=item, ConditionExpression="attribute_not_exists(stackName)")

    def available(self, repo):
        """The names that get-available lists."""
        found = self.calls.call("Query", TableName=self.table, IndexName="availableByRepoIndex",
                                KeyConditionExpression="repoName = :r and isAvailable = :x",
                                ExpressionAttributeValues={":r": {"S": repo}, ":x": {"S": "x"}})
        return [item["stackName"]["S"] for item in found["Items"]]

    def claim(self, name):
        return self.update(name, "remove isAvailable set lastUsed = :now", "isAvailable = :x")

    def release(self, name):
        return self.update(name, "set isAvailable = :x, lastUsed = :now",
                           "attribute_not_exists(isAvailable) and attribute_exists(stackName)")

    def stale(self, expiry=EXPIRY_SECONDS, ahead=0):
        """The names that a sweep will release that begins in `ahead` seconds."""
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=ahead)
        found = self.calls.call("Scan", TableName=self.table,
                                FilterExpression="attribute_not_exists(isAvailable)")
        return [item["stackName"]["S"] for item in found["Items"]
                if (now - parse(item["lastUsed"]["S"])).total_seconds() > expiry]

    def sweep(self, expiry=EXPIRY_SECONDS, ahead=0):
        """The names that it released: by name, whoever has claimed them meanwhile."""
        return [name for name in self.stale(expiry, ahead) if self.release(name)]

    def update(self, name, expression, condition):
        values = {":now": {"S": now_text()}, ":x": {"S": "x"}}
        return self.is_done("Update", Key={"stackName": {"S": name}}, UpdateExpression=expression,
                            ConditionExpression=condition, ExpressionAttributeValues=values)

    def is_done(self, kind, **action):
        try:
            self.calls.write(kind, TableName=self.table, **action)
        except Refused:
            return False
        return True

    def close(self):
        self.calls.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
