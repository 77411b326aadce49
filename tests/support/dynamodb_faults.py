"""A proxy before DynamoDB that fails as DynamoDB and networks do: told call by call what to spoil, or at random by a
seed.

What had no answer may still take effect: a write can land LATE_SECONDS after it was sent, when its client has long
given up and tried again.
"""

import asyncio
import collections
import json
import re
import time

from drop_proxy import DropProxy, Exchanges, read_message

LATE_SECONDS = 6.0  # longer than bdd-lock waits for an answer
PIECES = 20  # of an answer that trickles
STALE_SECONDS = 2.0  # how old an answer of an index may be
OPERATION = re.compile(rb"\r\nx-amz-target: *DynamoDB_\d+\.(\w+)", re.I)
WRITES = ("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
BATCHES = {"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}
ERRORS = {
    "throughput": (400, "ProvisionedThroughputExceededException", "The level of configured provisioned throughput "
                   "for the table was exceeded"),
    "throttled": (400, "ThrottlingException", "Rate of requests exceeds the allowed throughput"),
    "server error": (500, "InternalServerError", "Internal server error"),
    "unavailable": (503, "ServiceUnavailable", "The service is unavailable"),
    "expired": (400, "ExpiredTokenException", "The security token included in the request is expired"),
    "denied": (400, "AccessDeniedException", "User: arn:aws:iam::123456789012:role/bdd-lock is not authorized to "
               "perform: dynamodb on resource: arn:aws:dynamodb:eu-west-2:123456789012:table/stacks"),
    "missing": (400, "ResourceNotFoundException", "Requested resource not found"),
}
# Of each item of a transaction, where it is this that cancels it.
REASONS = {"throughput": "ProvisionedThroughputExceeded", "throttled": "ThrottlingError",
           "conflict": "TransactionConflict"}
# What is spoiled at random, and how often in a thousand.
MIXED = {"throughput": 8, "throttled": 8, "conflict": 15, "server error": 8, "unavailable": 3, "fails after": 8,
         "drop reply": 12, "cut reply": 6, "cut before": 8, "late": 2, "hang": 1, "unprocessed": 15, "stale": 150,
         "delay reply": 60, "expired": 3}


class DynamoDbFaults(DropProxy):
    """Beside the fates of a DropProxy: the names of ERRORS (not passed on), "conflict" (of transactions), "fails
    after" (done, and answered with a failure inside the service), "late" (no answer; done LATE_SECONDS afterwards),
    "hang" (no answer, never done), "unprocessed" (of batches: nothing of it is done), "stale" (an index answers as
    up to STALE_SECONDS ago), "trickle" (an answer in small pieces), "nonsense" (something else answers)."""

    def __init__(self, port, seed=0, fates=None, delay_max=0.1, late_seconds=LATE_SECONDS):
        super().__init__(port, seed, fates or {}, delay_max)
        self.late_seconds = late_seconds
        self.plan = []  # [operation or None, fate, how many more, of which bodies]
        self.indexed = collections.defaultdict(collections.deque)  # body -> (time, answer), the oldest first
        self.late = set()
        self.calls = collections.Counter()

    def spoil(self, fate, operation=None, times=1, where=lambda body: True):
        """The next `times` calls, of `operation` if that is given, and those bodies that `where` is true of."""
        self.plan.append([operation, fate, times, where])

    def relent(self):
        self.plan.clear()

    def fate_of(self, operation, body):
        for entry in self.plan:
            named = entry[0] in (None, operation) and entry[3](body)
            if named and entry[2] > 0 and applies(entry[1], operation, body):
                entry[2] -= 1
                self.counts[entry[1]] += 1
                return entry[1]
        return self.fate(lambda fate: applies(fate, operation, body))

    def exchanges(self, reader, writer):
        return DynamoDbExchanges(self, reader, writer)

    def do_later(self, request):
        task = asyncio.ensure_future(self.after_a_while(request))
        self.late.add(task)
        task.add_done_callback(self.late.discard)

    async def after_a_while(self, request):
        await asyncio.sleep(self.late_seconds)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        writer.write(request)
        answer = await read_message(reader)
        writer.close()
        self.counts["landed late" if b" 200 " in answer[:20] else "late in vain"] += 1

    def remember(self, body, answer):
        answers = self.indexed[body]
        answers.append((time.monotonic(), answer))
        while answers[0][0] < time.monotonic() - STALE_SECONDS:
            answers.popleft()

    def as_it_was(self, body):
        """The oldest answer that an index may still give, or None."""
        answers = self.indexed[body]
        while answers and answers[0][0] < time.monotonic() - STALE_SECONDS:
            answers.popleft()
        return answers[0][1] if answers else None


def applies(fate, operation, body):
    if fate == "conflict":
        return operation == "TransactWriteItems"
    if fate in ("late", "fails after"):
        return operation in WRITES
    if fate == "unprocessed":
        return operation in BATCHES
    if fate == "stale":
        return is_of_lagging_index(operation, body)
    return True


def is_of_lagging_index(operation, body):
    """Local indexes are read consistently."""
    return operation == "Query" and b'"IndexName"' in body and b'"ConsistentRead":true' not in body


def operation_of(request):
    named = OPERATION.search(request)
    return named.group(1).decode() if named else ""


def body_of(request):
    return request.partition(b"\r\n\r\n")[2]


class DynamoDbExchanges(Exchanges):
    async def one(self):
        request = await read_message(self.reader)
        operation, body = operation_of(request), body_of(request)
        self.proxy.calls[operation] += 1
        fate = self.proxy.fate_of(operation, body)
        instead = None
        if fate in ERRORS or fate in ("conflict", "unprocessed", "nonsense"):
            instead = instead_of(fate, operation, body)
        elif fate == "stale":
            instead = self.proxy.as_it_was(body)
        if instead is not None:
            await self.answer(instead)
            return True
        if fate in ("hang", "late"):
            if fate == "late":
                self.proxy.do_later(request)
            await self.client_leaves(asyncio.sleep(3600))
            return False
        return await self.pass_on(request, fate)

    def answered(self, request, text, fate):
        operation, body = operation_of(request), body_of(request)
        if is_of_lagging_index(operation, body) and b" 200 " in text[:20]:
            self.proxy.remember(body, text)
        return instead_of("server error", operation, body) if fate == "fails after" else text

    async def answer(self, text, fate=None):
        size = len(text) // PIECES + 1 if fate == "trickle" else len(text)
        for at in range(0, len(text), size):
            await super().answer(text[at:at + size])
            if fate == "trickle":
                await asyncio.sleep(self.proxy.delay_max / PIECES)


def instead_of(fate, operation, body):
    """The answer of a call that is not passed on."""
    if fate == "nonsense":
        return whole("200 OK", b"<html>Log in to the guest network</html>", b"text/html")
    if fate == "unprocessed":
        rest = {BATCHES[operation]: json.loads(body)["RequestItems"]}
        return whole("200 OK", json.dumps({"Responses": {}, **rest}).encode())
    if operation == "TransactWriteItems" and fate in REASONS:
        count = len(json.loads(body)["TransactItems"])
        reasons = [{"Code": "None"}] * (count - 1) + [{"Code": REASONS[fate], "Message": "in use"}]
        codes = ", ".join(reason["Code"] for reason in reasons)
        message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        return failure(400, "TransactionCanceledException", {"Message": message, "CancellationReasons": reasons})
    status, kind, message = ERRORS[fate]
    return failure(status, kind, {"message": message})


def failure(status, kind, document):
    text = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", **document}).encode()
    return whole(f"{status} X", text)


def whole(status, text, kind=b"application/x-amz-json-1.0"):
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n".encode()
    return head + b"Content-Type: " + kind + b"\r\n\r\n" + text
