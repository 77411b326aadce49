"""Histories of claims for the checker's own tests, written in a few words.

The clock begins at 0; leases are 10 s unless said otherwise, and the server's clock runs as fast as the clients'.
"""

from claimcheck.checker import Server, check
from claimcheck.operation import FOREVER, Operation

POOL = {"s": {"size": "xl"}, "t": {}}
LEASE = 10


def call(kind, sent, answered, status, body=None, answer=None, client=1):
    answered = FOREVER if answered is None else answered
    return Operation(kind, client, sent, answered, status, body or {}, answer or {})


def granted(sent, answered, request="r", stack="s", token=1, *, claim=None, count=1, lease=LEASE, **wish):
    """A call that was answered with a claim, or with several: `stack` is a name or a list of them."""
    stacks = stack if isinstance(stack, list) else [stack]
    claims = [{"claim": claim or f"{name}{token}", "stackName": name, "fencingToken": token, "created": False,
               "expiresAt": at(sent + lease)} for name in stacks]
    return call("claim", sent, answered, 200, asked(request, count, lease, wish), {"claims": claims})


def waits(sent, answered, request="r", *, count=1, lease=LEASE, **wish):
    return call("claim", sent, answered, 202, asked(request, count, lease, wish), {"retryAfterSeconds": 3})


def unknown(sent, request="r", *, answered=None, count=1, lease=LEASE, **wish):
    return call("claim", sent, answered, None, asked(request, count, lease, wish))


def refused(sent, answered, request="r", status=409, code="none_available", *, count=1, lease=LEASE, **wish):
    return call("claim", sent, answered, status, asked(request, count, lease, wish), {"code": code})


def asked(request, count, lease, wish):
    return {"requestId": request, "count": count, "leaseSeconds": lease, **wish}


def of_claim(kind, sent, answered, status=200, claim="s1", stack="s", token=1, body=None, **answer):
    told = {"stackName": stack, "fencingToken": token, "held": False} if status == 200 else {}
    if kind == "extend" and status == 200:
        told["expiresAt"] = at(sent + LEASE)
    return call(kind, sent, answered, status, {"claim": claim, **(body or {})}, {**told, **answer})


def extended(sent, answered, status=200, **rest):
    return of_claim("extend", sent, answered, status, **rest)


def released(sent, answered, status=200, **rest):
    return of_claim("release", sent, answered, status, **rest)


def held(sent, answered, seconds, **rest):
    return of_claim("release", sent, answered, 200, body={"keepSeconds": seconds}, held=True, **rest)


def looked(sent, answered, status=200, **rest):
    return of_claim("look", sent, answered, status, **rest)


def by_name(kind, sent, answered, status=200, stack="s", **body):
    return call(kind, sent, answered, status, {"stackName": stack, **body})


def at(seconds):
    return f"2020-01-06T12:{int(seconds) // 60:02}:{seconds % 60:06.3f}Z"


class Events:
    """A server's history, written down as it would be."""

    def __init__(self, *stacks):
        self.all = []
        for stack in stacks or POOL:
            self.add("created", stack, 0, None, "available", by="admin")

    def add(self, kind, stack, token, before, after, request=None, by="owner", seconds=0.0):
        self.all.append({"id": len(self.all) + 1, "at": at(seconds), "kind": kind, "by": by, "stackName": stack,
                         "requestId": request, "from": before, "to": after, "fencingToken": token})
        return self

    def grant(self, request="r", stack="s", token=1, kind="claimed", seconds=0.0):
        return self.add(kind, stack, token, "available", "claimed", request, seconds=seconds)

    def end(self, kind="released", request="r", stack="s", token=1, by="owner", seconds=0.0):
        return self.add(kind, stack, token, "claimed", "available", request, by, seconds)


def faults(operations, events=None, pool=None, stacks=None, **of_server):
    """What the checker finds, its sentences' rules only."""
    server = Server(events.all, stacks) if events else None
    found = check(operations, pool or POOL, server, drift=0, **of_server).faults
    return {sentence.partition(":")[0] for sentence in found}
