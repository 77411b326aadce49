"""One call as its client saw it. All times are of one monotonic clock, in seconds.

The outcome of a call is its status, or None: no answer came (or one that says that the server itself does not
know), so it may have taken effect at any time from `sent` until `answered`. That is then when it is known to
be over one way or the other, FOREVER if nobody can tell.
"""

import hashlib
import json
import threading
from dataclasses import asdict, dataclass, field

FOREVER = float("inf")

# What may be done to a stack behind its owner's back; the last two by the original itself, on the same table.
BY_NAME = ("seed_claim", "seed_release", "admin_release", "admin_hold", "disable", "enable", "original_claim",
           "original_release")


@dataclass
class Operation:
    kind: str  # claim extend release look withdraw reprioritise, or one of BY_NAME
    client: int
    sent: float
    answered: float = FOREVER
    status: int | None = None
    body: dict = field(default_factory=dict)  # what was asked, with requestId, claim, stackName or fencingToken
    answer: dict = field(default_factory=dict)  # what was answered

    @property
    def unknown(self):
        return self.status is None

    @property
    def done(self):
        return self.status is not None and self.status < 300

    @property
    def may_have_happened(self):
        return self.unknown or self.done

    @property
    def code(self):
        return self.answer.get("code")


def digest(claim_id):
    """Names a claim in a history without being a key to it."""
    return hashlib.sha256(claim_id.encode()).hexdigest()[:16]


def without_keys(document):
    """The same document with each claimId replaced by its digest, as `claim`."""
    if isinstance(document, list):
        return [without_keys(item) for item in document]
    if not isinstance(document, dict):
        return document
    shown = {key: without_keys(value) for key, value in document.items() if key != "claimId"}
    if "claimId" in document:
        shown["claim"] = digest(document["claimId"])
    return shown


class History:
    """What all clients noted. Any thread may add to it. `keys`: the claimId of each digest, never written down."""

    def __init__(self):
        self.operations = []
        self.keys = {}
        self.lock = threading.Lock()

    def add(self, operation):
        with self.lock:
            self.operations.append(operation)

    def __len__(self):
        return len(self.operations)


def write_file(path, operations, **rest):
    """A line for each operation; before them one with all else that a check needs (read_file gives it back)."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(rest) + "\n")
        for operation in sorted(operations, key=lambda op: op.sent):
            line = asdict(operation)
            line["answered"] = None if operation.answered == FOREVER else operation.answered
            file.write(json.dumps(line) + "\n")


def read_file(path):
    """(operations, rest) of a file that write_file wrote."""
    with open(path, encoding="utf-8") as file:
        rest = json.loads(next(file))
        operations = [Operation(**json.loads(line)) for line in file]
    for operation in operations:
        if operation.answered is None:
            operation.answered = FOREVER
    return operations, rest
