"""Stands between bdd-lock and DynamoDB Local: keeps what is called, with how much of DynamoDB's capacity it took, and,
as Amazon's IAM would, turns away what a policy does not allow.

It passes calls on one by one and is slow: no time is measured through it.
"""

import contextlib
import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACTIONS_OF_A_TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem",
                            "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}
WRITES = {"TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem"}
READS = {"Query", "Scan", "GetItem", "BatchGetItem"}


class Call:
    """One call: its operation, its input, its answer's status (0: none yet), and the units that it consumed."""

    def __init__(self, operation, sent):
        self.operation = operation
        self.input = sent
        self.status = 0
        self.units = 0.0

    @property
    def index(self):
        return self.input.get("IndexName", "")

    @property
    def partition(self):
        """What a Query asks for in the second table ("due", "ready", "request#REPO"), or the repo of an index."""
        values = self.input.get("ExpressionAttributeValues", {})
        return next((values[name]["S"] for name in (":pk", ":repo", ":all", ":of") if name in values), "")

    @property
    def is_write(self):
        return self.operation in WRITES

    @property
    def is_of_the_clock(self):
        """Made once a second by each server, or once in ten minutes, whoever calls it."""
        return self.partition in ("due", "ready", "all", "repos")

    @property
    def needs(self):
        """What the caller needs to be allowed: pairs like ("dynamodb:Query", "stacks/index/repoIndex"). A transaction
        needs no permission of its own but one for each of its actions."""
        if "TransactItems" in self.input:
            return {(f"dynamodb:{ACTIONS_OF_A_TRANSACTION[kind]}", action["TableName"])
                    for item in self.input["TransactItems"] for kind, action in item.items()}
        if "RequestItems" in self.input:
            return {(f"dynamodb:{self.operation}", table) for table in self.input["RequestItems"]}
        return {(f"dynamodb:{self.operation}", self.input["TableName"] + (self.index and f"/index/{self.index}"))}

    def __repr__(self):
        return f"{self.operation} {self.index} {self.partition}"


class DynamoDbProxy:
    """A context manager. `allowed`: a set of pairs (Call.needs), or None for all."""

    def __init__(self, port, allowed=None):
        self.target = port
        self.allowed = allowed
        self.calls = []

    def __enter__(self):
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits for a delayed ACK

            def setup(self):
                super().setup()
                self.upstream = http.client.HTTPConnection("127.0.0.1", proxy.target, timeout=60)

            def finish(self):
                self.upstream.close()
                super().finish()

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = proxy.answer(self.headers, body, self.upstream)
                with contextlib.suppress(ConnectionError):  # the caller waits no longer, on a busy machine
                    self.send_response(status)
                    self.send_header("Content-Type", "application/x-amz-json-1.0")
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
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

    @property
    def env(self):
        return {"AWS_ENDPOINT_URL_DYNAMODB": self.endpoint}

    @property
    def needed(self):
        return {pair for call in self.calls for pair in call.needs}

    @property
    def denied(self):
        return self.needed - self.allowed if self.allowed is not None else set()

    @property
    def inputs(self):
        """(operation, input) of what succeeded."""
        return [(call.operation, call.input) for call in self.calls if call.status == 200]

    def of_jobs(self, since=0):
        """What was called for clients, and not by the clock, behind the first `since` calls."""
        return [call for call in self.calls[since:] if not call.is_of_the_clock]

    def units(self, since=0):
        """(read units, write units) of the calls behind the first `since`."""
        calls = self.calls[since:]
        return tuple(sum(call.units for call in calls if call.is_write == writes) for writes in (False, True))

    def answer(self, headers, body, upstream):
        call = Call(headers["X-Amz-Target"].rpartition(".")[2], json.loads(body))
        self.calls.append(call)
        denied = call.needs - self.allowed if self.allowed is not None else set()
        if denied:
            call.status = 400
            return 400, json.dumps({"__type": "com.amazon.coral.service#AccessDeniedException",
                                    "Message": f"not authorized to perform: {sorted(denied)}"}).encode()
        return self.pass_on(call, headers, upstream)

    def pass_on(self, call, headers, upstream):
        more = {"ReturnConsumedCapacity": "TOTAL"} if call.operation in WRITES | READS else {}
        kept = {name: headers[name] for name in ("X-Amz-Target", "Authorization", "X-Amz-Date", "Content-Type")
                if name in headers}
        upstream.request("POST", "/", json.dumps({**call.input, **more}), kept)
        got = upstream.getresponse()
        answer = got.read()
        consumed = json.loads(answer or b"{}").get("ConsumedCapacity", [])
        call.units = sum(each["CapacityUnits"] for each in (consumed if isinstance(consumed, list) else [consumed]))
        call.status = got.status
        return got.status, answer
