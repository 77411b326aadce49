"""What the server's own history (GET /v1/history) says, held against itself and against what clients saw.

Each acknowledged change has its event, each event that a client must have asked for was asked for, and the events
of a stack form a walk that the rules allow. Events come the oldest first, as the API's documents.

Several servers on one table have several clocks: only the events of one stack are in order then. The original on
the same table writes no history: its claims are missing from the walks, and so are releases of what it claimed.
"""

USED = ("claimed", "held")
FREE = ("available", "disabled")

# kind: (from, to, by how much the fencing token rises); None: the stack is not in the table, SAME: as it was.
SAME = "same"
STEPS = {
    "created": ((None,), ("available", "claimed"), None),
    "imported": ((None, *FREE, *USED), (*FREE, *USED), None),
    "claimed": (("available",), ("claimed",), 1),
    "offered": (("available",), ("claimed",), 1),
    "collected": (("claimed",), SAME, 0),
    "released": (("claimed",), FREE, 0),
    "expired": (("claimed",), FREE, 0),
    "offer_lapsed": (("claimed",), FREE, 0),
    "swept": (("claimed",), FREE, 0),
    "held": (USED, ("held",), 0),
    "hold_ended": (("held",), FREE, 0),
    "extended": (USED, SAME, 0),
    "disabled": ((*FREE, *USED), ("disabled",), 0),
    "disable_requested": (USED, SAME, 0),
    "enabled": (("disabled", *USED), ("available", *USED), 0),
    "described": ((*FREE, *USED), SAME, 0),
    "removed": (FREE, (None,), 0),
}
CLAIM_ENDS = ("released", "expired", "offer_lapsed", "swept", "held", "disabled")


def ends_claim(event):
    return event["from"] == "claimed" and event["kind"] in CLAIM_ENDS


def walks_are_legal(events, replicas=False, beside_original=False):
    """Invariants 1 and 3 in the server's own words."""
    last_of = {}
    previous = None
    for event in events:
        if previous is not None and not replicas and (
                event["id"] <= previous["id"] or event["at"] < previous["at"]):
            yield f"event {event['id']} of {event['at']} comes after {previous['id']} of {previous['at']}"
        previous = event
        last = last_of.get(event["stackName"])
        if last is not None and beside_original and not is_of_v1(last):
            last = {**last, "to": as_the_original_left_it(last["to"], event["from"])}
        fault = fault_in_step(event, last)
        if fault:
            yield f"{event['stackName']}: event {event['id']} ({event['kind']}) {fault}"
        last_of[event["stackName"]] = event


def is_of_v1(event):
    """Its end is written down by whoever finds that the original ended it, before anything else is done."""
    return event["to"] in USED and event["requestId"] is not None


def as_the_original_left_it(after, before):
    """What became of a stack by claims and releases of the original, if that explains the next event."""
    return before if {after, before} <= {"available", "claimed"} or after == "disabled" else after


def fault_in_step(event, last):
    before, after, rise = STEPS[event["kind"]]
    is_from, is_to = event["from"], event["to"]
    if is_from != (last["to"] if last else None):
        return f"begins at {is_from}, and the one before ended at {last['to'] if last else None}"
    if is_from not in before or (is_to != is_from if after == SAME else is_to not in after):
        return f"goes from {is_from} to {is_to}"
    token, last_token = event["fencingToken"], last["fencingToken"] if last else 0
    if token < last_token or rise is not None and token != last_token + rise:
        return f"has token {token} after {last_token}"
    return None


class Told:
    """The events, as they are looked up."""

    def __init__(self, events):
        self.events = events
        self.by_use = {}  # of one use of one stack: (stack, token)
        for event in events:
            self.by_use.setdefault((event["stackName"], event["fencingToken"]), []).append(event)

    def of(self, claim):
        return self.by_use.get((claim.stack, claim.token), [])

    def count(self, stack, by, kinds):
        return sum(event["stackName"] == stack and event["by"] == by and event["kind"] in kinds
                   for event in self.events)


def claims_have_their_events(known, told):
    """Invariant 2: each acknowledged grant was written down once, in the name of its request."""
    for claim in known.claims.values():
        kinds = [event["kind"] for event in told.of(claim)
                 if event["kind"] in ("claimed", "offered", "collected")
                 and event["requestId"] == claim.request_id and event["by"] == "owner"]
        if kinds not in (["claimed"], ["offered", "collected"]):
            yield f"{claim.stack}: the history has {kinds} of token {claim.token} for request {claim.request_id}"
        ends = [event["kind"] for event in told.of(claim)
                if ends_claim(event) and event["requestId"] == claim.request_id]
        if len(ends) > 1:
            yield f"{claim.stack}: the claim of token {claim.token} ended more than once: {ends}"


def ends_have_their_events(known, told):
    """Each acknowledged release, and each loss that an owner was told of, was written down."""
    for claim in known.claims.values():
        kinds = {(event["kind"], event["by"]) for event in told.of(claim)}
        for op in claim.operations:
            if op.kind == "release" and op.done:
                due = {("held", "owner")} if op.answer["held"] else {("released", "owner"), ("hold_ended", "owner")}
                if not due & kinds:
                    yield (f"{claim.stack}: the release of token {claim.token} was acknowledged and is not in the "
                           f"history: {sorted(kinds)}")
            if op.status == 410 and not any(map(ends_claim, told.of(claim))):
                yield (f"{claim.stack}: token {claim.token} was said to be lost, and the history has no end of it")


def leases_end_in_time(known, told):
    """Invariant 7: no lease ends before the last time that its owner was told."""
    for claim in known.claims.values():
        for event in told.of(claim):
            if event["kind"] == "expired" and event["at"] < last_expiry(known, claim):
                yield (f"{claim.stack}: token {claim.token} expired at {event['at']}; its owner was told "
                       f"{last_expiry(known, claim)}")


def last_expiry(known, claim):
    told = [document["expiresAt"] for call in known.requests[claim.request_id].calls
            for document in call.answer.get("claims", []) if document["claim"] == claim.id]
    told += [op.answer["expiresAt"] for op in claim.operations if op.kind == "extend" and op.done]
    return max(told)


def grants_were_asked_for(known, told):
    """Nothing is granted that nobody asked for, and no stack that does not suit."""
    for event in told.events:
        if event["kind"] not in ("claimed", "offered") or event["by"] != "owner":
            continue
        request = known.requests.get(event["requestId"])
        if request is None:
            yield f"{event['stackName']}: was granted to {event['requestId']}, which no client asked for"
        elif request.body.get("stackName") not in (None, event["stackName"]):
            yield f"{event['stackName']}: was granted to {event['requestId']}, which asked for another"


def releases_were_asked_for(known, told):
    """No claim is released by its owner but where its owner did so."""
    released = {(claim.stack, claim.token) for claim in known.claims.values()
                if any(op.kind == "release" and op.may_have_happened for op in claim.operations)}
    for event in told.events:
        by_owner = event["by"] == "owner" and event["kind"] in ("released", "held", "hold_ended")
        if by_owner and (event["stackName"], event["fencingToken"]) not in released:
            yield f"{event['stackName']}: token {event['fencingToken']} was {event['kind']}, and its owner did not ask"


def ends_were_granted_before(known, told):
    """A request that is said to be over had something, or was withdrawn."""
    granted = {event["requestId"] for event in told.events if event["kind"] in ("claimed", "offered")}
    for request in known.requests.values():
        withdrawn = any(op.kind == "withdraw" and op.may_have_happened for op in request.others)
        if request.id not in granted and not withdrawn and any(c.code == "request_ended" for c in request.calls):
            yield f"request {request.id} is said to be over and never had anything"


# kind of call: by whom its events are, their kinds, whether each call that was done has one.
# Of the original's writes, the server writes down those that ended what its history tells of.
OF_ORIGINAL = {"seed_release": "original_release"}
COUNTED = {
    "seed_claim": ("seed", ("claimed",), True),
    "seed_release": ("seed", ("released", "hold_ended"), True),
    "admin_release": ("admin", ("released", "hold_ended"), True),
    "admin_hold": ("admin", ("held",), True),
    "disable": ("admin", ("disabled", "disable_requested"), True),
    "enable": ("admin", ("enabled",), False),
}


def calls_by_name_have_their_events(known, told):
    """As many events as calls that were done, and no more than those and the unknown ones."""
    for stack in {event["stackName"] for event in told.events} | known.by_name.keys():
        operations = known.by_name.get(stack, [])
        for kind, (by, kinds, each) in COUNTED.items():
            done = sum(op.kind == kind and op.done for op in operations)
            unknown = sum(op.kind == kind and op.unknown for op in operations)
            unknown += sum(op.kind == OF_ORIGINAL.get(kind) and op.may_have_happened for op in operations)
            there = told.count(stack, by, kinds)
            if there > done + unknown or each and there < done:
                yield f"{stack}: {done} times {kind} was done, {unknown} unknown; the history has {there}"


def all_are_accounted_for(stacks, pool, events, beside_original=False):
    """At the end, when all is over: each stack is there, in use by nobody, and as its history says. `stacks`: the
    documents of GET /v1/stacks by name."""
    last = {event["stackName"]: event for event in events}
    for name in pool:
        if name not in stacks:
            yield f"{name}: is not in the table any more"
            continue
        state, token = stacks[name]["state"], stacks[name]["fencingToken"]
        if state not in FREE:
            yield f"{name}: is {state} and nobody has it"
        event = last.get(name)
        told = event and (as_the_original_left_it(event["to"], state) if beside_original else event["to"])
        if event is None or (told, event["fencingToken"]) != (state, token):
            yield f"{name}: is {state} with token {token}, and its history ends otherwise: {event}"


CROSS_CHECKS = (claims_have_their_events, ends_have_their_events, leases_end_in_time, grants_were_asked_for,
                releases_were_asked_for, ends_were_granted_before, calls_by_name_have_their_events)
