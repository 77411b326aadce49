"""The API v1 as the clients in the tests use it: claims, calls that wait, requests, admins."""

import threading
from datetime import datetime
from urllib.parse import quote

from server import wait_until


def instant(text):
    """Seconds since 1970 of a time in an answer."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def claims_path(repo="r"):
    return f"/v1/repos/{quote(repo, safe='')}/claims"


def request_path(request_id, repo="r"):
    return f"/v1/repos/{quote(repo, safe='')}/requests/{request_id}"


def refused(answer, status, code):
    """The document of a refusal."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code, answer
    return answer.json()


def ask(server, repo="r", **fields):
    """One call for claims, whatever it answers."""
    with server.connect(timeout=80) as connection:
        return connection.call("POST", claims_path(repo), fields)


def granted(answer):
    """The claims of an answer that must be a grant."""
    assert answer.status == 200, answer
    return answer.json()["claims"]


def claim(server, repo="r", **fields):
    """The one claim that a call gets."""
    [made] = granted(ask(server, repo, **fields))
    return made


def on_claim(server, made, verb, **fields):
    return server.call("POST", f"/v1/claims/{made['claimId']}/{verb}", fields)


def release(server, made, **fields):
    answer = on_claim(server, made, "release", **fields)
    assert answer.status == 200, answer
    return answer.json()


def on_stack(server, name, verb, **fields):
    """What an admin does to a stack in use."""
    return server.call("POST", f"/v1/stacks/{name}/{verb}", fields)


def add_stacks(server, *names, repo="r", **fields):
    for name in names:
        answer = server.call("POST", "/v1/stacks", {"stackName": name, "repoName": repo, **fields})
        assert answer.status == 201, answer


def stack(server, name):
    answer = server.call("GET", f"/v1/stacks/{name}")
    assert answer.status == 200, answer
    return answer.json()


def request(server, request_id, repo="r"):
    """What the server says of a request, or None."""
    answer = server.call("GET", request_path(request_id, repo))
    return answer.json() if answer.status == 200 else None


def status(server, request_id, repo="r"):
    return (request(server, request_id, repo) or {"status": None})["status"]


def queue(server, repo="r"):
    """The ids of those that wait, in the order of granting."""
    items = server.call("GET", f"/v1/repos/{repo}/requests?limit=1000").json()["items"]
    return [item["requestId"] for item in items if item["status"] == "waiting"]


def history(server, name=None, **query):
    """Events, the oldest first."""
    path = "/v1/history" if name is None else f"/v1/stacks/{name}/history"
    words = "".join(f"&{key}={quote(str(value), safe='')}" for key, value in query.items())
    answer = server.call("GET", f"{path}?limit=1000{words}")
    assert answer.status == 200, answer
    return answer.json()["items"][::-1]


def kinds(server, name=None, **query):
    return [event["kind"] for event in history(server, name, **query)]


class Waiting:
    """A call that waits for claims, in a thread of its own; made once the server has parked it."""

    def __init__(self, server, request_id, repo="r", wait=50, **fields):
        self.request_id = request_id
        self.outcome = []
        self.connection = server.connect(timeout=wait + 30)
        body = {"requestId": request_id, "waitSeconds": wait, **fields}
        self.thread = threading.Thread(target=self.call, args=(claims_path(repo), body), daemon=True)
        self.thread.start()

        def is_parked():
            shown = request(server, request_id, repo)
            return self.outcome or (shown and shown["explain"] and shown["explain"]["open"])

        wait_until(is_parked, 10, f"the wait of {request_id}")

    def call(self, path, body):
        try:
            with self.connection as connection:
                self.outcome.append(connection.call("POST", path, body))
        except Exception as error:  # told to whoever asks for the answer
            self.outcome.append(error)

    @property
    def is_over(self):
        return bool(self.outcome)

    def answer(self, seconds=20):
        self.thread.join(seconds)
        assert self.outcome, f"{self.request_id} was not answered within {seconds} s"
        if isinstance(self.outcome[0], Exception):
            raise self.outcome[0]
        return self.outcome[0]

    def claim(self, seconds=20):
        [made] = granted(self.answer(seconds))
        return made

    def go_away(self):
        """The client ends without reading an answer."""
        self.connection.http.sock.shutdown(2)
        self.thread.join(10)
