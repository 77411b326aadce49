"""What the operations of a history say for sure: when each stack was surely in use, and by what.

A claim is live for sure from when an answer told of it until its owner *sent* a release, somebody who may end
it sent that, or the owner's own deadline: the start of the call that brought it (or of the last extension) plus
the lease. Before and after that it may be live or not, and nothing is concluded.

Where a call of a request had no answer, it may have been the one that was granted, and the lease may have begun
with it. So the deadline then counts from the earliest of those calls, but not from before the last one that was
answered "it waits".
"""

from dataclasses import dataclass, field

from .operation import FOREVER

LEASE_DEFAULT = 900
DRIFT = 0.01  # the server's clock follows the wall clock by at most so much of the time that passes


@dataclass
class Use:
    """A span of time in which a stack was surely in use by one claim, seed claim or hold."""
    stack: str
    begin: float
    end: float
    who: str
    claim: str | None = None


@dataclass
class Claim:
    id: str
    stack: str
    token: int
    request_id: str
    created: bool
    lease: float
    base: float  # the lease began no earlier
    told: float  # the first answer that told of it
    operations: list = field(default_factory=list)  # its extensions, releases and looks, by the time they were sent


@dataclass
class Request:
    id: str
    body: dict
    calls: list = field(default_factory=list)  # by the time they were sent
    others: list = field(default_factory=list)  # withdrawals and new priorities
    claims: dict = field(default_factory=dict)  # by id: all that any answer told of


class Knowledge:
    """Built once from a history, or from a part of it that begins in the middle. `drift` and `expiry` (how long seed
    claims are left alone, FOREVER: nobody sweeps) are of the server; `faults` is what is wrong with single answers."""

    def __init__(self, operations, drift=DRIFT, expiry=FOREVER, seed_release_ends_claims=False):
        self.drift = drift
        self.expiry = expiry
        self.seed_release_ends_claims = seed_release_ends_claims
        self.operations = sorted(operations, key=lambda op: op.sent)
        self.requests = {}
        self.claims = {}
        self.by_name = {}  # what was done to stacks by their names
        self.faults = []
        for operation in self.operations:
            self.sort_in(operation)
        for operation in self.operations:
            if operation.body.get("claim") in self.claims:
                self.claims[operation.body["claim"]].operations.append(operation)

    def sort_in(self, op):
        if op.kind == "claim":
            request = self.requests.setdefault(op.body["requestId"], Request(op.body["requestId"], op.body))
            request.calls.append(op)
            for document in op.answer.get("claims", []) if op.status == 200 else []:
                self.learn(request, op, document)
        elif op.kind in ("withdraw", "reprioritise"):
            self.requests.setdefault(op.body["requestId"], Request(op.body["requestId"], {})).others.append(op)
        elif "stackName" in op.body:
            self.by_name.setdefault(op.body["stackName"], []).append(op)

    def learn(self, request, op, document):
        claim = self.claims.get(document["claim"])
        if claim is None:
            claim = Claim(document["claim"], document["stackName"], document["fencingToken"], request.id,
                          document.get("created", False), request.body.get("leaseSeconds", LEASE_DEFAULT),
                          lease_begins(request, op), op.answered)
            self.claims[claim.id] = claim
        claim.told = min(claim.told, op.answered)
        if claim.request_id != request.id:
            self.faults.append(f"requests {claim.request_id} and {request.id} were given the same claim of "
                               f"{claim.stack}")
        elif (claim.stack, claim.token) != (document["stackName"], document["fencingToken"]):
            self.faults.append(f"claim {claim.id} is of {claim.stack} with token {claim.token} in one answer and "
                               f"of {document['stackName']} with token {document['fencingToken']} in another")
        request.claims[claim.id] = claim

    # --- when a claim or hold was surely there

    def shortest(self, seconds):
        """How little time may pass while the server counts so many seconds."""
        return seconds * (1 - self.drift)

    def deadline(self, claim, without=None):
        extended = [op.sent + self.shortest(op.body.get("leaseSeconds", claim.lease))
                    for op in claim.operations if op.kind == "extend" and op.done and op is not without]
        return max([claim.base + self.shortest(claim.lease), *extended])

    def sure_end(self, claim, without=None):
        """Until when it was surely live, whatever became of the operation `without`."""
        ends = [op.sent for op in claim.operations
                if op.kind == "release" and op.may_have_happened and op is not without]
        return min([self.deadline(claim, without), *ends,
                    *self.ends_by_name(claim.stack, claim.base, claim.token, self.seed_release_ends_claims)])

    def ends_by_name(self, stack, since, token=None, seed_release_ends=True):
        """When those who may have ended what was there at `since`, by the stack's name, set about it. Who names
        another fencing token than `token` did not mean it."""
        for op in self.by_name.get(stack, []):
            if not op.may_have_happened or op.answered < since:
                continue
            if op.kind in ("admin_release", "admin_hold"):
                ends = token is None or op.body["fencingToken"] == token
            elif op.kind == "seed_release":
                ends = seed_release_ends
            elif op.kind == "original_release":
                ends = True  # it knows no claims
            else:
                ends = op.kind == "disable" and op.body["when"] == "now"
            if ends:
                yield op.sent

    def uses(self):
        """Every span in which a stack was surely in use."""
        for claim in self.claims.values():
            yield Use(claim.stack, claim.told, self.sure_end(claim), f"request {claim.request_id}", claim.id)
            yield from self.holds_of(claim)
        for stack, operations in self.by_name.items():
            yield from (self.seed_use(stack, op) for op in operations
                        if op.kind in ("seed_claim", "original_claim") and op.done)

    def holds_of(self, claim):
        """The hold that its release made, counted from the first such release: it may have been the one that did."""
        releases = [op for op in claim.operations if op.kind == "release" and op.may_have_happened]
        kept = [op for op in releases if op.body.get("keepSeconds")]
        held = min((op.answered for op in kept if op.done and op.answer["held"]), default=None)
        if held is None:
            return
        since = kept[0].sent
        ends = [op.sent for op in releases if op not in kept and op.answered >= since]
        end = min([since + self.shortest(kept[0].body["keepSeconds"]), *ends,
                   *self.ends_by_name(claim.stack, since, claim.token)])
        yield Use(claim.stack, held, end, f"the hold of request {claim.request_id}", claim.id)

    def seed_use(self, stack, claimed):
        """Anybody may release it by its name."""
        end = min([claimed.sent + self.shortest(self.expiry), *self.ends_by_name(stack, claimed.sent)])
        return Use(stack, claimed.answered, end, f"the {claimed.kind.replace('_', ' ')} of client {claimed.client}")


def lease_begins(request, op):
    """The earliest moment at which the claim that `op` was answered with can have been granted."""
    earlier = request.calls[:-1]  # those that were sent before op
    unknown = [call.sent for call in earlier if call.unknown]
    if not unknown:
        return op.sent
    waited = [call.sent for call in earlier if call.status == 202]
    return max(min(unknown), max(waited, default=0.0))
