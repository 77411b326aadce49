"""Between a server and DynamoDB Local: counts the calls, and asks what each consumed. It is slow, so that what
is timed does not go through it.

Threads: any number of connections; counts() and clear() from any."""

import collections
import http.client
import http.server
import json
import threading

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


class CountingProxy(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream_port):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream_port = upstream_port
        self.lock = threading.Lock()
        self.clear()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def clear(self):
        with self.lock:
            self.calls, self.units = collections.Counter(), collections.Counter()

    def note(self, operation, answer):
        kind = "writes" if operation in WRITES else "reads"
        consumed = answer.get("ConsumedCapacity", [])
        with self.lock:
            self.calls[kind] += 1
            self.calls[operation] += 1
            for each in consumed if isinstance(consumed, list) else [consumed]:
                self.units[kind] += each["CapacityUnits"]

    def counts(self):
        with self.lock:
            return {"calls": dict(self.calls), "units": dict(self.units)}

    def stop(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream_port, timeout=60)

    def do_POST(self):
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if operation != "DescribeTable":
            body = json.dumps({**json.loads(body), "ReturnConsumedCapacity": "TOTAL"}).encode()
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("content-length", "host")}
        self.upstream.request("POST", "/", body, kept)
        answer = self.upstream.getresponse()
        text = answer.read()
        self.server.note(operation, json.loads(text))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass
