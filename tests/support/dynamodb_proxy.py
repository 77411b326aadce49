"""Stands between bdd-lock and DynamoDB Local: writes down what is called, says how much of DynamoDB's capacity it
took, and, as Amazon's IAM would, turns away what a policy does not allow.

A call is (action, resource): ("dynamodb:Query", "stacks/index/repoIndex"). A transaction needs no permission of its
own but one for each of its actions.
"""

import collections
import contextlib
import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACTIONS_OF_A_TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem",
                            "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}


def calls_in(operation, body):
    """The pairs that the caller needs to be allowed."""
    if "TransactItems" in body:
        for item in body["TransactItems"]:
            for kind, action in item.items():
                yield f"dynamodb:{ACTIONS_OF_A_TRANSACTION[kind]}", action["TableName"]
    elif "RequestItems" in body:
        for table in body["RequestItems"]:
            yield f"dynamodb:{operation}", table
    else:
        index = f"/index/{body['IndexName']}" if "IndexName" in body else ""
        yield f"dynamodb:{operation}", body["TableName"] + index


class DynamoDbProxy:
    """A context manager. `allowed`: a set of pairs, or None for all."""

    def __init__(self, port, allowed=None):
        self.target = port
        self.allowed = allowed
        self.lock = threading.Lock()  # of what stands below
        self.calls = collections.Counter()  # pairs
        self.operations = collections.Counter()
        self.denied = collections.Counter()
        self.asked = []  # (operation, input)
        self.inputs = []  # those that succeeded
        self.read_units = self.write_units = 0.0

    def __enter__(self):
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits for a delayed ACK

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = proxy.answer(dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                with contextlib.suppress(ConnectionError):  # the caller waits no longer, on a busy machine
                    self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def answer(self, headers, body):
        operation = headers["X-Amz-Target"].split(".")[1]
        sent = json.loads(body)
        needed = set(calls_in(operation, sent))
        denied = needed - self.allowed if self.allowed is not None else set()
        with self.lock:
            self.calls.update(needed)
            self.operations[operation] += 1
            self.denied.update(denied)
            self.asked.append((operation, sent))
        if denied:
            return 400, json.dumps({"__type": "com.amazon.coral.service#AccessDeniedException",
                                    "Message": f"not authorized to perform: {sorted(denied)}"}).encode()
        return self.pass_on(operation, headers, sent)

    def pass_on(self, operation, headers, sent):
        if operation in ("GetItem", "Query", "Scan", "PutItem", "BatchGetItem", "BatchWriteItem", "TransactWriteItems"):
            sent["ReturnConsumedCapacity"] = "TOTAL"
        connection = http.client.HTTPConnection("127.0.0.1", self.target, timeout=60)
        kept = {name: headers[name] for name in ("X-Amz-Target", "Authorization", "X-Amz-Date", "Content-Type")}
        connection.request("POST", "/", json.dumps(sent), kept)
        got = connection.getresponse()
        answer = got.read()
        connection.close()
        if got.status == 200:
            with self.lock:
                self.inputs.append((operation, sent))
                self.count_units(operation, json.loads(answer).get("ConsumedCapacity", []))
        return got.status, answer

    def count_units(self, operation, consumed):
        for each in consumed if isinstance(consumed, list) else [consumed]:
            if "Write" in operation or operation == "PutItem":
                self.write_units += each["CapacityUnits"]
            else:
                self.read_units += each["CapacityUnits"]
