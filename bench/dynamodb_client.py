"""One client of the part `dynamodb` of ./dev bench, a process of its own: takes a stack and gives it back, over
and over for some seconds, one of these ways, and prints what it did as JSON.

original     as the handlers of the original do: a query, then a conditional write for each name until one
             succeeds, then another write, each by a new client of boto3; its own client does not back off
seed         the same three steps, by this server's seed API
v1           a claim of any stack and its release, by the API v1
transaction  no service at all: a transaction of two items of its own, twice; what DynamoDB Local can do

Starts at the time it is given, so that all clients of a row start together."""

import argparse
import json
import os
import socket
import time
from datetime import datetime, timezone

REGION = "eu-west-2"


class WrongAnswer(Exception):
    pass


class Http:
    """One connection that is kept. Bare, as what a client computes is taken from the servers beside it."""

    def __init__(self, port, headers):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    def call(self, method, path, body=None):
        text = "" if body is None else json.dumps(body)
        self.socket.sendall(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self.headers}"
                            f"Content-Length: {len(text)}\r\n\r\n{text}".encode())
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self.receive()
        head = received[:end].decode().split("\r\n")
        lengths = [line.split(":")[1] for line in head if line.lower().startswith("content-length:")]
        if len(lengths) != 1:
            raise WrongAnswer(f"{method} {path}: {head}")
        while len(received) < end + 4 + int(lengths[0]):
            received += self.receive()
        return int(head[0].split()[1]), json.loads(received[end + 4:] or b"null")

    def receive(self):
        received = self.socket.recv(65536)
        if not received:
            raise WrongAnswer("the connection was closed")
        return received

    def expect(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        if status != 200:
            raise WrongAnswer(f"{method} {path}: {status} {answer}")
        return answer


class Original:
    """What its Lambda functions do for each call; `boto3` is loaded before, as in a warm sandbox."""

    def __init__(self, options):
        import boto3
        self.new_client = lambda: boto3.client(
            "dynamodb", region_name=REGION, endpoint_url=f"http://127.0.0.1:{options.port}",
            aws_access_key_id="bench", aws_secret_access_key="bench")
        self.table, self.repo = options.table, options.repo
        self.new_client()

    def take(self):
        while True:
            for name in self.available():
                if self.write(name, "remove isAvailable set lastUsed = :now", "isAvailable = :x"):
                    return name
                break  # its client asks again, and takes the first

    def give_back(self, name):
        if not self.write(name, "set isAvailable = :x, lastUsed = :now",
                          "attribute_not_exists(isAvailable) and attribute_exists(stackName)"):
            raise WrongAnswer(f"{name} was not claimed any more")

    def available(self):
        found = self.new_client().query(
            TableName=self.table, IndexName="availableByRepoIndex",
            KeyConditionExpression="repoName = :repo and isAvailable = :x",
            ExpressionAttributeValues={":repo": {"S": self.repo}, ":x": {"S": "x"}})
        return [item["stackName"]["S"] for item in found["Items"]]

    def write(self, name, update, condition):
        client = self.new_client()
        now = datetime.now(timezone.utc).replace(tzinfo=None).isoformat()
        try:
            client.transact_write_items(TransactItems=[{"Update": {
                "TableName": self.table, "Key": {"stackName": {"S": name}}, "UpdateExpression": update,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": {":now": {"S": now}, ":x": {"S": "x"}}}}])
        except client.exceptions.TransactionCanceledException:
            return False
        return True


class Seed:
    def __init__(self, options):
        self.http = Http(options.port, {"Authorization": os.environ["BDD_LOCK_AUTH_TOKEN"]})
        self.repo = options.repo

    def take(self):
        while True:
            for stack in self.http.expect("GET", f"/get-available/{self.repo}")["results"]:
                name = stack["stackName"]
                status, answer = self.http.call("PUT", f"/claim-stack/{name}")
                if status == 200:
                    return name
                if status != 400:
                    raise WrongAnswer(f"claim-stack: {status} {answer}")
                break

    def give_back(self, name):
        self.http.expect("PUT", f"/release-stack/{name}")


class V1:
    def __init__(self, options):
        self.http = Http(options.port, {"Authorization": "Bearer " + os.environ["BDD_LOCK_AUTH_TOKEN"]})
        self.repo = options.repo

    def take(self):
        while True:
            answer = self.http.expect("POST", f"/v1/repos/{self.repo}/claims", {"waitSeconds": 10})
            return answer["claims"][0]["claimId"]

    def give_back(self, claim):
        self.http.expect("POST", f"/v1/claims/{claim}/release", {"outcome": "passed"})


class Transaction:
    """Items of nobody else: what a grant and a release write, without anything around it."""

    def __init__(self, options):
        self.http = Http(options.port, {
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.TransactWriteItems",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=bench/20200101/{REGION}/dynamodb/aws4_request, "
                             "SignedHeaders=host, Signature=0"})
        self.body = {"TransactItems": [{"Update": {
            "TableName": options.table, "Key": {"stackName": {"S": f"bare-{options.number}-{item}"}},
            "UpdateExpression": "SET lastUsed = :now", "ExpressionAttributeValues": {":now": {"S": "now"}}}}
            for item in range(2)]}

    def take(self):
        self.http.expect("POST", "/", self.body)

    def give_back(self, _):
        self.http.expect("POST", "/", self.body)


WAYS = {"original": Original, "seed": Seed, "v1": V1, "transaction": Transaction}


def run(client, begin, seconds, cycles):
    """Until the time is over, or after so many cycles."""
    takes, gives = [], []
    time.sleep(max(0.0, begin - time.time()))
    started = time.monotonic()
    while time.monotonic() - started < seconds and len(takes) < cycles:
        before = time.monotonic()
        taken = client.take()
        between = time.monotonic()
        client.give_back(taken)
        takes.append((between - before) * 1e3)
        gives.append((time.monotonic() - between) * 1e3)
    return {"takes_ms": takes, "gives_ms": gives, "seconds": time.monotonic() - started}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--port", type=int)
    parser.add_argument("--table")
    parser.add_argument("--repo")
    parser.add_argument("--number", type=int)
    parser.add_argument("--begin", type=float)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--cycles", type=int)
    options = parser.parse_args()
    client = WAYS[options.way](options)
    print(json.dumps(run(client, options.begin, options.seconds, options.cycles)))


if __name__ == "__main__":
    main()
