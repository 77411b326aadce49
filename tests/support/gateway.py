"""A stand-in for API Gateway and function URLs in front of the function: an HTTP server that makes an event of each
request and an answer of what comes back, with a sandbox for each request that runs at the same time. Whoever
talks HTTP to a server can talk to it."""

import base64
import contextlib
import http.server
import threading
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox import TIME_LIMIT_MS, FunctionEnded, Sandbox
from server import TOKEN, Server

KINDS = ("rest", "http", "url")
# What a client gets where Lambda turns the call away (429), as more come at once than the concurrency allows: only a
# function URL hands that on.
THROTTLED = {"rest": (500, b'{"message": "Internal server error"}'),
             "http": (503, b'{"message": "Service Unavailable"}'),
             "url": (429, b'{"Reason": "ConcurrentInvocationLimitExceeded", "Type": "User", "message": "Rate Exceeded."}')}


def rest_event(method, path, query, headers, body, stage):
    pairs = parse_qsl(query, keep_blank_values=True)
    every = {name: [value for other, value in pairs if other == name] for name, _ in pairs}
    return {"resource": "/{proxy+}", "path": path, "httpMethod": method, "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": dict(pairs) or None, "multiValueQueryStringParameters": every or None,
            "pathParameters": {"proxy": path[1:]}, "stageVariables": None,
            "requestContext": {"stage": stage, "path": f"/{stage}{path}", "httpMethod": method,
                               "identity": {"sourceIp": "127.0.0.1"},
                               "domainName": "a1b2c3d4e5.execute-api.eu-west-2.amazonaws.com"},
            **body}


def v2_event(method, path, query, headers, body, stage, domain):
    return {"version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
            "headers": {name.lower(): value for name, value in headers.items()},
            "requestContext": {"stage": stage, "domainName": domain,
                               "http": {"method": method, "path": path, "protocol": "HTTP/1.1",
                                        "sourceIp": "127.0.0.1", "userAgent": headers.get("User-Agent", "")}},
            **body}


def event_of(kind, method, target, headers, body, stage="dev"):
    """What the gateway makes of a request. A stage is the first segment of the path outside; REST APIs hand it over
    without, HTTP APIs with it, and decoded."""
    url = urlsplit(target)
    as_base64 = bool(body) and kind != "rest"
    sent = {"body": (base64.b64encode(body).decode() if as_base64 else body.decode()) if body else None,
            "isBase64Encoded": as_base64}
    if kind == "rest":
        path = url.path.removeprefix(f"/{stage}") if url.path.startswith(f"/{stage}/") else url.path
        return rest_event(method, path, url.query, headers, sent, stage)
    if kind == "http":
        return v2_event(method, unquote(url.path), url.query, headers, sent, stage,
                        "a1b2c3d4e5.execute-api.eu-west-2.amazonaws.com")
    return v2_event(method, url.path, url.query, headers, sent, "$default",
                    "abcdefghijklmnop.lambda-url.eu-west-2.on.aws")


def answer_of(document):
    """(status, headers, body) of what the function answered."""
    body = document["body"]
    return (document["statusCode"], document["headers"],
            base64.b64decode(body) if document["isBase64Encoded"] else body.encode())


class Gateway(Server):
    """As a running Server, for the calls. `sandboxes_max`: more requests at a time are THROTTLED, which
    `throttled` counts."""

    def __init__(self, root, env, kind="rest", time_limit_ms=TIME_LIMIT_MS, sandboxes_max=8, token=TOKEN, checked=True):
        self.root, self.env, self.kind, self.time_limit_ms = root, env, kind, time_limit_ms
        self.token, self.checked = token, checked
        self.lock = threading.Lock()
        self.sandboxes_max = sandboxes_max
        self.idle, self.count, self.all = [], 0, contextlib.ExitStack()
        self.throttled = 0
        self.front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.front.daemon_threads = True
        self.port = self.front.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.front.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, failure, *_):
        self.front.shutdown()
        self.front.server_close()
        if failure is not None:
            for sandbox in self.idle:
                print("a function's log:\n" + sandbox.log()[-4000:])
        self.all.close()

    def take_sandbox(self):
        with self.lock:
            if self.idle and self.sandboxes_max > 0:
                return self.idle.pop()
            if self.count >= self.sandboxes_max:
                return None
            self.count += 1
        sandbox = Sandbox(self.root, self.env, self.token)
        with self.lock:
            return self.all.enter_context(sandbox)

    def invoke(self, event):
        """(status, headers, body)"""
        sandbox = self.take_sandbox()
        if sandbox is None:
            with self.lock:
                self.throttled += 1
            status, body = THROTTLED[self.kind]
            return status, {"Content-Type": "application/json"}, body
        try:
            invocation = sandbox.invoke(event, self.time_limit_ms)
        except (FunctionEnded, TimeoutError):
            with self.lock:
                self.count -= 1
            return 502, {}, b'{"message": "Internal server error"}'
        with self.lock:
            self.idle.append(sandbox)
        if invocation.kind == "error":
            return 502, {}, b'{"message": "Internal server error"}'
        return answer_of(invocation.document)

    def kill_sandboxes(self):
        """Of those that are idle: the next requests find new ones."""
        with self.lock:
            for sandbox in self.idle:
                sandbox.kill()
            self.count -= len(self.idle)
            self.idle.clear()

    def handler(gateway):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, answer = gateway.invoke(
                    event_of(gateway.kind, self.command, self.path, dict(self.headers), body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def handle(self):
                with contextlib.suppress(OSError):  # clients that vanish
                    super().handle()

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = serve
        return Handler
