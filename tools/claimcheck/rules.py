"""The promises about claims, each as a function from what is known to sentences that say where it was broken.
DESIGN.md's word for them is invariants 1 to 5."""

from itertools import pairwise


def never_shared(known):
    """Invariant 1: a stack never has two live claims. A hold keeps everybody off as well."""
    by_stack = {}
    for use in known.uses():
        if use.begin < use.end:
            by_stack.setdefault(use.stack, []).append(use)
    for stack, uses in by_stack.items():
        uses.sort(key=lambda use: use.begin)
        last = uses[0]
        for use in uses[1:]:
            its_own = use.claim is not None and use.claim == last.claim
            if use.begin < last.end and not its_own:
                yield (f"{stack} was shared: {last.who} surely had it until {last.end:.6f}, "
                       f"and {use.who} from {use.begin:.6f}")
            last = max(last, use, key=lambda one: one.end)


def tokens_are_never_shared(known):
    """Invariant 3: no two grants of a stack have the same fencing token."""
    granted = {}
    for claim in known.claims.values():
        other = granted.setdefault((claim.stack, claim.token), claim)
        if other is not claim:
            yield (f"{claim.stack}: requests {other.request_id} and {claim.request_id} were both given "
                   f"fencing token {claim.token}")


def tokens_only_rise(known):
    """Invariant 3: a claim that was surely granted after another one has the larger token."""
    by_stack = {}
    for claim in known.claims.values():
        by_stack.setdefault(claim.stack, []).append(claim)
    for stack, claims in by_stack.items():
        claims.sort(key=lambda claim: claim.told)
        largest, told = None, 0  # of all claims that were told of before the one in question began
        for claim in sorted(claims, key=lambda claim: claim.base):
            while told < len(claims) and claims[told].told < claim.base:
                largest = max(largest or claims[told], claims[told], key=lambda one: one.token)
                told += 1
            if largest is not None and claim.token < largest.token:
                yield (f"{stack}: request {claim.request_id} was given token {claim.token} after request "
                       f"{largest.request_id} had {largest.token}")


def acknowledged_claims_stay(known):
    """Invariants 2 and 5: a claim that was acknowledged is there until somebody ends it or its time is over."""
    for claim in known.claims.values():
        for op in claim.operations:
            if op.status == 404:
                yield f"{claim.stack}: the claim of request {claim.request_id} is unknown at {op.sent:.6f}"
            elif op.status == 410 and op.answered < known.sure_end(claim, without=op):
                yield (f"{claim.stack}: request {claim.request_id} lost its claim by {op.answered:.6f} "
                       f"({op.answer.get('endReason')}), before anything can have ended it")
            elif op.done and (op.answer["stackName"], op.answer["fencingToken"]) != (claim.stack, claim.token):
                yield (f"{claim.stack}: an answer to {op.kind} of token {claim.token} tells of "
                       f"{op.answer['stackName']} with token {op.answer['fencingToken']}")


def ended_claims_stay_ended(known):
    """Invariant 2: an acknowledged release is not taken back, and a lost claim does not come back."""
    for claim in known.claims.values():
        over = []
        for op in claim.operations:
            released = op.kind == "release" and op.done and not op.answer.get("held")
            if released or op.status == 410:
                over.append((op.answered, "released" if released else "lost"))
        if not over:
            continue
        since, how = min(over)
        for op in claim.operations:
            if op.kind in ("extend", "look") and op.done and op.sent > since:
                yield (f"{claim.stack}: the claim of request {claim.request_id} was {how} by {since:.6f} "
                       f"and is there again at {op.answered:.6f}")


def repeats_give_the_same(known):
    """Invariant 4: the repeat of a request is answered with its claims, as many as were asked for."""
    for request in known.requests.values():
        count = request.body.get("count", 1)
        if len(request.claims) > count:
            yield f"request {request.id} asked for {count} stacks and was given {len(request.claims)} claims"
        first = next((call for call in request.calls if call.status != 202), None)
        if (first is not None and first.status == 200 and len(first.answer["claims"]) != count
                and not may_have_lost_some(known, request, first)):
            yield f"request {request.id} was given {len(first.answer['claims'])} of {count} claims"
        alike = len({str(what_is_asked(call)) for call in request.calls}) == 1
        for call in request.calls:
            if call.code == "request_conflict" and alike:
                yield f"request {request.id} asked for the same again and was answered {call.code}"
            told = {document["claim"] for document in call.answer.get("claims", [])}
            if call.status not in (200, 202, 404, 409, 410):
                continue
            for claim in request.claims.values():
                if claim.told < call.sent and call.answered < known.sure_end(claim) and claim.id not in told:
                    yield (f"request {request.id} had a claim of {claim.stack} and its repeat at "
                           f"{call.sent:.6f} was answered {call.status} without it")


def may_have_lost_some(known, request, granted):
    """Of several stacks that were offered the original may release one before they are collected."""
    return any(op.kind == "original_release" and op.may_have_happened and op.sent < granted.answered
               and op.answered > request.calls[0].sent for each in known.by_name.values() for op in each)


def what_is_asked(call):
    """All of a request that its repeats must not change."""
    return sorted((key, value) for key, value in call.body.items() if key not in ("waitSeconds", "holder", "prefer"))


def releases_are_answered_alike(known):
    """Invariant 4: releasing again is answered as it was the first time."""
    for claim in known.claims.values():
        answers = {}
        for op in claim.operations:
            if op.kind == "release" and op.done:
                answers.setdefault(op.body.get("keepSeconds", 0), []).append(op.answer)
        for keep, given in answers.items():
            for one, other in pairwise(given):
                if one != other:
                    yield (f"{claim.stack}: the release of request {claim.request_id} (keep {keep} s) was "
                           f"answered {one}, and again {other}")


def withdrawn_requests_are_over(known):
    """A request that was withdrawn is granted nothing, and one that was granted is not withdrawn."""
    for request in known.requests.values():
        for op in request.others:
            if op.kind != "withdraw" or not op.done:
                continue
            for call in request.calls:
                if call.status == 200 and (call.answered < op.sent or call.sent > op.answered):
                    yield (f"request {request.id} was withdrawn between {op.sent:.6f} and {op.answered:.6f}, "
                           f"and has a claim at {call.answered:.6f}")


RULES = (never_shared, tokens_are_never_shared, tokens_only_rise, acknowledged_claims_stay,
         ended_claims_stay_ended, repeats_give_the_same, releases_are_answered_alike,
         withdrawn_requests_are_over)
