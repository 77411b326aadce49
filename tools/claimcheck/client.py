"""Calls to a server, noted as operations. Standard library only."""

import http.client
import json
import time
from urllib.parse import quote, urlsplit

from .operation import FOREVER, Operation, digest, without_keys

UNANSWERED = (OSError, http.client.HTTPException)
NOTHING_DONE = ("store_unavailable", "too_many_connections")
PAGE = 1000


class Unexpected(Exception):
    """An answer that nobody should get: the run is of no use."""


def leaves_open(status, document):
    """Whether this answer leaves open if the change was made."""
    return status in (408, 500) or status == 503 and document.get("code") not in NOTHING_DONE


def has_a_length(answer):
    """Without one the head broke off, which http.client does not mind."""
    return answer.headers.get("Content-Length", "").isdigit() or "Transfer-Encoding" in answer.headers


class Connection:
    """One keep-alive connection to an endpoint, opened as needed. Raises UNANSWERED. `observe(method, path, status,
    headers, text)` is shown each whole answer."""

    def __init__(self, endpoint, token, timeout=15, observe=None):
        parts = urlsplit(endpoint)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.http = kind(parts.hostname, parts.port, timeout=timeout)
        self.prefix = parts.path.rstrip("/")
        self.timeout = timeout
        self.observe = observe
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def call(self, method, path, body=None, patience=None):
        """(status, document). `patience`: hang up after so many seconds without an answer."""
        try:
            if self.http.sock is None:
                self.http.connect()
            self.http.sock.settimeout(patience or self.timeout)
            self.http.request(method, self.prefix + path, None if body is None else json.dumps(body), self.headers)
            answer = self.http.getresponse()
            text = answer.read()
            if answer.status != 204 and not has_a_length(answer):
                raise http.client.IncompleteRead(text)
        except UNANSWERED:
            self.http.close()
            raise
        if self.observe:
            self.observe(method, path, answer.status, dict(answer.headers), text)
        return answer.status, json.loads(text) if text else {}

    def close(self):
        self.http.close()


class Connections:
    """As a Connection, to several servers of one table: each call goes to the next of them."""

    def __init__(self, endpoints, *arguments, **options):
        self.each = [Connection(endpoint, *arguments, **options) for endpoint in endpoints]
        self.turn = 0

    def call(self, *arguments, **options):
        self.turn += 1
        return self.each[self.turn % len(self.each)].call(*arguments, **options)

    def close(self):
        for connection in self.each:
            connection.close()


def connect(endpoint, token, observe=None):
    """To an endpoint, or to a list of them."""
    if isinstance(endpoint, str):
        return Connection(endpoint, token, observe=observe)
    return Connections(endpoint, token, observe=observe)


def name_in_path(name):
    return quote(name, safe="")


class Client:
    """One client's calls, each noted in the history. Not for several threads.

    `endpoint`: one, or a list of servers on one table.
    `settles`: whether a call without an answer is over, one way or the other, once its connection broke. It is so
    behind the drop proxy of the tests; over a network nobody knows, and such a call may take effect at any time.
    `settles_after`: it is over so many seconds after its connection broke, or after the answer that nobody knows.
    """

    def __init__(self, number, history, endpoint, token, settles=False, observe=None, settles_after=0):
        self.number = number
        self.history = history
        self.connection = connect(endpoint, token, observe)
        self.settles = settles
        self.settles_after = settles_after

    def ask(self, kind, method, path, body, note, patience=None):
        """Makes a call, and notes it with `note` beside its body. Returns the operation and the document as it was
        answered, keys and all."""
        op = Operation(kind, self.number, time.monotonic(), body={**note, **(body or {})})
        answered, document = FOREVER, {}
        try:
            status, document = self.connection.call(method, path, body, patience)
            answered = time.monotonic()
            if leaves_open(status, document):
                answered += self.settles_after
            else:
                op.status = status
        except UNANSWERED:
            if self.settles and patience is None:
                answered = time.monotonic() + self.settles_after
        op.answered = answered
        op.answer = without_keys(document)
        self.history.add(op)
        if op.status is not None and (op.status == 401 or op.status in (400, 403) and "code" in document):
            raise Unexpected(f"{kind} was answered {op.status} {document}")
        return op, document

    def claim(self, repo, wish, patience=None):
        op, document = self.ask("claim", "POST", f"/v1/repos/{name_in_path(repo)}/claims", wish, {}, patience)
        for claim in document.get("claims", []):
            self.history.keys[digest(claim["claimId"])] = claim["claimId"]
        return op, document

    def of_claim(self, kind, method, claim_id, rest="", body=None):
        note = {"claim": digest(claim_id)}
        return self.ask(kind, method, f"/v1/claims/{name_in_path(claim_id)}{rest}", body, note)[0]

    def extend(self, claim_id):
        return self.of_claim("extend", "POST", claim_id, "/extend")

    def release(self, claim_id, body):
        return self.of_claim("release", "POST", claim_id, "/release", body)

    def look(self, claim_id):
        return self.of_claim("look", "GET", claim_id)

    def of_request(self, kind, method, repo, request_id, body=None):
        path = f"/v1/repos/{name_in_path(repo)}/requests/{name_in_path(request_id)}"
        return self.ask(kind, method, path, body, {"requestId": request_id})[0]

    def withdraw(self, repo, request_id):
        return self.of_request("withdraw", "DELETE", repo, request_id)

    def reprioritise(self, repo, request_id, priority):
        return self.of_request("reprioritise", "PATCH", repo, request_id, {"priority": priority})

    def by_name(self, kind, stack, body=None):
        """What is done to a stack without its claimId: one of operation.BY_NAME."""
        name = name_in_path(stack)
        method, path, sent = {
            "seed_claim": ("PUT", f"/claim-stack/{name}", None),
            "seed_release": ("PUT", f"/release-stack/{name}", None),
            "admin_release": ("POST", f"/v1/stacks/{name}/release", body),
            "admin_hold": ("POST", f"/v1/stacks/{name}/hold", body),
            "disable": ("PATCH", f"/v1/stacks/{name}", {"disabled": body}),
            "enable": ("PATCH", f"/v1/stacks/{name}", {"disabled": None}),
        }[kind]
        op = self.ask(kind, method, path, sent, {"stackName": stack, **(body or {})})[0]
        op.body.pop("disabled", None)
        return op

    def close(self):
        self.connection.close()


def pages(connection, path):
    """All items of a list, as the server orders them. Raises Unexpected unless each page is 200."""
    items, cursor = [], ""
    while True:
        status, page = connection.call("GET", f"{path}{'&' if '?' in path else '?'}limit={PAGE}{cursor}")
        if status != 200:
            raise Unexpected(f"{path} was answered {status} {page}")
        items += page["items"]
        if page["nextCursor"] is None:
            return items
        cursor = f"&cursor={name_in_path(page['nextCursor'])}"


def stacks_of(connection, repo):
    return {item["stackName"]: item for item in pages(connection, f"/v1/stacks?repoName={name_in_path(repo)}")}


def events_of(connection, repo):
    """The oldest first."""
    return pages(connection, f"/v1/history?repoName={name_in_path(repo)}")[::-1]


def say_in_the_end(connection, repo, sweep=None, seconds=5):
    """(events, stacks) of a repo that nobody uses any more. What time ended is over at once, and written down within
    a second, or by `sweep` where nothing else does it: until then the two do not say the same."""
    until = time.monotonic() + seconds
    while True:
        if sweep:
            sweep()
        stacks, events = stacks_of(connection, repo), events_of(connection, repo)
        last = {event["stackName"]: event["to"] for event in events}
        if time.monotonic() > until or all(last.get(name) == stack["state"] for name, stack in stacks.items()):
            return events, stacks
        time.sleep(0.1)
