"""What clients saw, and whether a server that keeps its promises could have let them see it.

Each attempt on a stack is an Op: its kind, when it was sent and when its answer came, and the outcome: True
(done), False (refused) or None (unknown: no answer came, so it may have happened at any time from `sent`
until `answered`, which is then when the server was known to be dead, or never). Times are this process's
monotonic clock, so that two ops whose times do not overlap are in a known order; overlapping ones may have
happened either way, and the checker allows both.

Releases of the seed's API are by name, so the test's clients release only what they claimed.
"""

from dataclasses import dataclass
from itertools import count

FOREVER = float("inf")
_numbers = count()


@dataclass
class Op:
    stack: str
    kind: str  # claim, release
    client: int
    sent: float
    answered: float = FOREVER
    outcome: bool | None = None


def possible_states(ops, start=("available", 0)):
    """The states one stack can be in at the end, by running every order of its ops that the times allow.

    A small search (Wing and Gong's): an op may come next if no other pending op was answered before it was
    sent. Unknown ops may also never happen. Returns (states, grants) pairs: what state, and how many claims
    took effect, counted on from the start's. Empty: no order explains what was seen.
    """
    ops = sorted(ops, key=lambda op: op.sent)
    results = set()
    seen = set()
    stack = [(0, frozenset(), *start)]
    while stack:
        first, done, state, grants = stack.pop()
        while first < len(ops) and first in done:
            done = done - {first}
            first += 1
        key = (first, done, state, grants)
        if key in seen:
            continue
        seen.add(key)
        if first == len(ops):
            results.add((state, grants))
            continue
        for i in next_ones(ops, first, done):
            op = ops[i]
            after = done | {i}
            works = (state == "available") if op.kind == "claim" else (state == "claimed")
            if op.outcome is None:
                stack.append((first, after, state, grants))
                if works:
                    stack.append((first, after, *take_effect(op, grants)))
            elif op.outcome and works:
                stack.append((first, after, *take_effect(op, grants)))
            elif op.outcome is False and not works:
                stack.append((first, after, state, grants))
    return results


def next_ones(ops, first, done):
    """Which pending ops may come next: those sent before the earliest answer among the pending ones."""
    horizon = FOREVER
    candidates = []
    for i in range(first, len(ops)):
        if ops[i].sent > horizon:
            break
        if i not in done:
            candidates.append(i)
            horizon = min(horizon, ops[i].answered)
    return [i for i in candidates if ops[i].sent <= horizon]


def take_effect(op, grants):
    return ("claimed", grants + 1) if op.kind == "claim" else ("available", grants)


def check(history, final, start=None):
    """Compares a history (list of Op) with what the table says at the end.

    `final` and `start`: stack name -> (state, fencing token); a stack that `start` does not name was available
    with token 0. Each grant raises the token by one. Returns a list of sentences; empty: all is explained.
    """
    faults = []
    by_stack = {}
    for op in history:
        by_stack.setdefault(op.stack, []).append(op)
    for name, (state, token) in final.items():
        explained = possible_states(by_stack.get(name, []), (start or {}).get(name, ("available", 0)))
        if not explained:
            faults.append(f"{name}: no order of its {len(by_stack[name])} operations explains the answers")
        elif (state, token) not in explained:
            faults.append(f"{name}: is {state} with token {token}; possible were {sorted(explained)}")
    for name in by_stack.keys() - final.keys():
        faults.append(f"{name}: was used but is not in the table")
    return faults
