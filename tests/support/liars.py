"""Servers that answer what a test tells them to, so that a checker can meet wrong answers."""

import json
import re
import socket
import threading


def http(status, body):
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


class Liar:
    """Answers each request with the same bytes, or with what a function makes of it."""

    def __init__(self, answer):
        self.answer = answer if callable(answer) else lambda _: answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.lie, args=(connection,), daemon=True).start()

    def lie(self, connection):
        with connection:
            try:
                while request := connection.recv(4096):
                    self.serve(connection, request.decode())
            except OSError:
                return

    def serve(self, connection, request):
        connection.sendall(self.answer(request))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def request_id_of(request):
    return re.search(r'"requestId":"([^"]+)"', request).group(1)


def claim_answer(request_id, stack="stack-0000000", repo="repo-0000", token=1):
    return http(200, {"requestId": request_id, "claims": [
        {"claimId": f"claim-{token}", "stackName": stack, "repoName": repo, "requestId": request_id,
         "state": "claimed", "fencingToken": token}]})


def release_answer(stack="stack-0000000", token=1):
    return http(200, {"stackName": stack, "fencingToken": token, "held": False})


class FakeLine(Liar):
    """The line of a repo with one stack. `pick` says who of those that wait is next; `refrain`: of so many
    calls that wait each is answered 202 once; `loses`: requests after so many are not put in line;
    `grants`: how many get the stack at each release; `rises`: whether the fencing token does."""

    def __init__(self, pick=0, refrain=0, loses=None, grants=1, rises=True):
        self.lock = threading.Lock()
        self.pick, self.refrain, self.loses, self.grants, self.rises = pick, refrain, loses, grants, rises
        self.line = []
        self.answered = set()  # who has no call open
        self.offers = set()    # and whose turn it is
        self.token = 0
        self.is_free = True
        super().__init__(None)

    def serve(self, connection, request):
        with self.lock:
            if request.startswith("GET "):
                connection.sendall(http(200, {"repoName": "repo-0000", "available": int(self.is_free),
                                              "waiting": len(self.line)}))
            elif request.startswith("POST /v1/claims/"):
                self.release(connection, request)
            else:
                self.claim(connection, request_id_of(request))

    def claim(self, connection, request_id):
        if self.is_free or request_id in self.offers:
            self.is_free = False
            self.grant(connection, request_id)
        elif request_id in self.answered:  # the repeat of its call
            self.answered.discard(request_id)
        elif self.loses is None or len(self.line) < self.loses:
            self.line.append((request_id, connection))
            if self.refrain > 0:
                self.refrain -= 1
                self.answered.add(request_id)
                connection.sendall(http(202, {"requestId": request_id, "position": len(self.line)}))

    def release(self, connection, request):
        connection.sendall(release_answer(token=int(re.search(r"claim-(\d+)", request).group(1))))
        self.is_free = not self.line
        for _ in range(min(self.grants, len(self.line))):
            request_id, waiting = self.line.pop(self.pick)
            if request_id in self.answered:
                self.offers.add(request_id)
            else:
                self.grant(waiting, request_id)

    def grant(self, connection, request_id):
        self.token += self.rises or self.token == 0
        connection.sendall(claim_answer(request_id, token=self.token))
