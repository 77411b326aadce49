"""Invariant 6: those who wait are served by priority, then arrival, as far as the clients' clocks prove it.

A request A was passed by B when all of this is sure: A was in line before B's first call was sent (or, where A has
the larger priority, before B can have been granted); A was ready, and waiting, during all of the time in which B
can have been granted; and a stack that B was given suits A, and A could have been given it.

A request is known to be in line, and ready, from when it was answered "it waits" (202) until retryAfterSeconds + 2
after that call. Which of two was granted first is told by the server's events, or else by the clients' times.

Several servers on one table lend what is free beyond the stacks that those in line are to have, while these get theirs
by the server that listens to them, at its next look at the table. So there A was passed only if it has nothing a while
after B's grant.
"""

from bisect import bisect_left
from dataclasses import dataclass

from .operation import FOREVER

GRACE = 2  # seconds that a request stays ready longer than its client is told to call again
PLACE_KEPT = 30  # and this much longer it keeps its place
GRANTS = ("claimed", "offered")
LOOKS_US = 3_000_000  # two looks at the table, and the calls that they take


@dataclass
class Waiting:
    """That a request was surely in line, and ready, from `since` to `until`; it has had its place from `placed`."""
    request: object
    placed: float
    since: float
    until: float


@dataclass
class Grant:
    request: object
    first_sent: float
    earliest: float  # the grant came after this
    latest: float  # and before this
    stacks: list


def sure_orders(known, pool, told):
    """(waiting, grant, stack) for each request that was surely before another one in line, and ready, while that one
    can have been given a stack that suits both."""
    spans = sorted((span for request in known.requests.values() for span in waits(known, request)),
                   key=lambda span: span.since)
    starts = [span.since for span in spans]
    longest = max((span.until - span.since for span in spans), default=0)
    for grant in (grant for request in known.requests.values() if (grant := grant_of(request))):
        if any(op.kind == "reprioritise" for op in grant.request.others):
            continue
        for span in spans[bisect_left(starts, grant.earliest - longest):bisect_left(starts, grant.earliest)]:
            stack = wanted_by_both(span, grant, pool, told)
            if stack:
                yield span, grant, stack


def order_is_kept(orders, told, replicas=False):
    """`orders` as sure_orders has them, `told` what the server's events say (or do not)."""
    for span, grant, stack in orders:
        if told.waited_while_granted(span, grant, LOOKS_US if replicas else 0):
            yield (f"request {grant.request.id} was given {stack} between {grant.earliest:.6f} and "
                   f"{grant.latest:.6f} and passed {span.request.id}, in line since {span.placed:.6f}")


def waits(known, request):
    """The spans of a request, joined where they touch."""
    last = None
    for call in request.calls:
        if call.status != 202:
            continue
        wait = known.shortest(call.body.get("waitSeconds", 0))
        until = min(call.sent + wait, call.answered) + known.shortest(call.answer["retryAfterSeconds"] + GRACE)
        if until <= call.answered:
            continue
        if last is not None and call.answered <= last.until:
            last.until = max(last.until, until)
            continue
        kept = last is not None and call.answered <= last.until + known.shortest(PLACE_KEPT)
        if last is not None:
            yield last
        last = Waiting(request, last.placed if kept else call.answered, call.answered, until)
    if last is not None:
        yield last


def grant_of(request):
    granted = min((call for call in request.calls if call.status == 200), key=lambda call: call.answered,
                  default=None)
    if granted is None:
        return None
    earliest = max((call.sent for call in request.calls if call.status == 202 and call.sent < granted.answered),
                   default=request.calls[0].sent)
    stacks = [claim["stackName"] for claim in granted.answer["claims"] if not claim.get("created")]
    return Grant(request, request.calls[0].sent, earliest, granted.answered, stacks)


def wanted_by_both(span, grant, pool, told):
    """A stack that `grant` had and that was due to the request of `span`, as it was before it all the time; or None."""
    ahead = span.request
    if ahead is grant.request or span.until <= grant.latest or not comes_before(span, grant):
        return None
    if any(op.sent <= grant.latest for op in ahead.others) or not could_be_served(ahead.body, pool, told):
        return None
    return next((name for name in grant.stacks if suits(ahead.body, name, pool)), None)


def comes_before(span, grant):
    mine, other = span.request.body.get("priority", 0), grant.request.body.get("priority", 0)
    return mine > other and span.placed < grant.earliest or mine == other and span.placed < grant.first_sent


def suits(wish, stack, pool):
    if wish.get("stackName") not in (None, stack):
        return False
    return all(pool.get(stack, {}).get(key) == value for key, value in wish.get("labels", {}).items())


def could_be_served(wish, pool, told):
    """A request for several is passed over while too many of its stacks are disabled: only those that never were
    are counted."""
    count = wish.get("count", 1)
    return count == 1 or sum(suits(wish, name, pool) and name not in told.disabled for name in pool) >= count


class Told:
    """What the server's events say of who was granted what, and when."""

    def __init__(self, events):
        self.by_request = {}
        self.disabled = set()
        self.any = bool(events)
        for event in events:
            if event["requestId"]:
                self.by_request.setdefault(event["requestId"], []).append(event)
            if event["kind"] in ("disabled", "disable_requested"):
                self.disabled.add(event["stackName"])

    def waited_while_granted(self, span, grant, kept_us=0):
        """Whether the request of `span` surely had nothing granted to it when `grant` came, nor in the microseconds
        `kept_us` after it."""
        ahead = span.request
        if not self.any:
            # An offer would have been collected by a call within this time.
            return any(call.status == 202 and grant.latest < call.sent < span.until for call in ahead.calls)
        granted = max((event["id"] for event in self.by_request.get(grant.request.id, [])
                       if event["kind"] in GRANTS), default=FOREVER)
        had = set()
        for event in self.by_request.get(ahead.id, []):
            claim = event["stackName"], event["fencingToken"]
            if event["kind"] in GRANTS and event["id"] < granted + kept_us:
                had.add(claim)
            elif event["kind"] == "offer_lapsed" and event["id"] < granted:
                had.discard(claim)
        return granted < FOREVER and not had
