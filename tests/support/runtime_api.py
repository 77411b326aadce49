"""A stand-in for the Runtime API that AWS Lambda gives to each sandbox ("Using the Lambda runtime API for custom
runtimes"): hands invocations to the program under test one by one, and takes their answers."""

import collections
import http.server
import json
import queue
import re
import threading
import time
import uuid

INVOCATION = re.compile(r"^/2018-06-01/runtime/invocation/([^/]+)/(response|error)$")
ANSWER_BYTES_MAX = 6 * 1024 * 1024  # as Lambda's own


class Invocation:
    """One call of the function, and what became of it: kind is "response" or "error", or None as yet."""

    def __init__(self, event, time_limit_ms):
        self.id = str(uuid.uuid4())
        self.payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        self.deadline_ms = int(time.time() * 1000) + time_limit_ms
        self.kind = None
        self.document = None
        self.done = threading.Event()


class RuntimeApi:
    """A context manager. `next_faults` and `post_faults` hold what the next calls of each kind are answered
    instead: a status, or "hang up"."""

    def __init__(self):
        self.waiting = queue.Queue()
        self.taken = {}
        self.init_error = None
        self.ended = threading.Event()  # the program has told an error of its start
        self.asked = threading.Event()  # it has asked for an invocation
        self.next_faults = collections.deque()
        self.post_faults = collections.deque()
        self.seen = []  # what was called, as "POST error"
        self.closing = False
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_address[1]}"

    def invoke(self, event, time_limit_ms=29_000):
        invocation = Invocation(event, time_limit_ms)
        self.waiting.put(invocation)
        return invocation

    def take_next(self):
        while not self.closing:
            try:
                return self.waiting.get(timeout=0.1)
            except queue.Empty:
                pass
        return None

    def take_answer(self, request_id, kind, body):
        """The status that the API answers."""
        invocation = self.taken.get(request_id)
        if invocation is None or invocation.kind is not None:
            return 400
        if len(body) > ANSWER_BYTES_MAX:
            return 413
        invocation.kind, invocation.document = kind, json.loads(body)
        invocation.done.set()
        return 202

    def handler(api):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def reply(self, status, body=b"{}", headers=None):
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def is_faulty(self, faults):
                if not faults:
                    return False
                fault = faults.popleft()
                if fault == "hang up":
                    self.close_connection = True
                else:
                    self.reply(fault, b'{"errorType": "Fault"}')
                return True

            def do_GET(self):
                assert self.path == "/2018-06-01/runtime/invocation/next", self.path
                api.seen.append("GET next")
                api.asked.set()
                if self.is_faulty(api.next_faults):
                    return
                invocation = api.take_next()
                if invocation is None:
                    self.close_connection = True
                    return
                api.taken[invocation.id] = invocation
                self.reply(200, invocation.payload, {
                    "Lambda-Runtime-Aws-Request-Id": invocation.id,
                    "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-2:123456789012:function:f"})

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                found = INVOCATION.match(self.path)
                api.seen.append(f"POST {found.group(2) if found else 'init error'}")
                if self.is_faulty(api.post_faults):
                    return
                if found:
                    return self.reply(api.take_answer(found.group(1), found.group(2), body))
                assert self.path == "/2018-06-01/runtime/init/error", self.path
                api.init_error = json.loads(body)
                api.ended.set()
                self.reply(202)
        return Handler

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing = True
        self.server.shutdown()
        self.server.server_close()
