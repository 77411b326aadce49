"""Clients on a server that is killed, behind a proxy that drops their replies: what they saw is checked by claimcheck.

Set BDD_LOCK_SEED to repeat what the clients choose; ./dev chaos runs one for longer. A run that fails keeps its history
in a file and names it; ./dev check --again FILE checks it again.
"""

import os
import random

import pytest
from chaos import MIX, chaos
from claimcheck.traffic import Mix

SEED = int(os.environ.get("BDD_LOCK_SEED", str(random.randrange(1 << 30))))
SECONDS = float(os.environ.get("BDD_LOCK_CHAOS_SECONDS", "8"))
CALLS_LEAST = 100  # of a run, or too little happened for it to mean anything
SEED_CLIENTS_TOO = Mix(seed_jobs=0.5, seed_vanish=0.1, sweeps=True)
LONG_JOBS = Mix(works_up_to=0.5, stall=0.1, seed_vanish=0.1, sweeps=True)


@pytest.mark.parametrize("number, clients, stacks, mix, kill_every", [
    (0, 16, 4, MIX, (0.4, 2.5)),
    (1, 16, 4, MIX, (20, 20)),  # one life: nothing but the proxy
    (2, 6, 1, MIX, (0.4, 2.5)),
    (3, 16, 3, SEED_CLIENTS_TOO, (0.4, 2.5)),
    (4, 24, 6, LONG_JOBS, (0.1, 1)),
])
def test_no_promise_is_broken(number, clients, stacks, mix, kill_every):
    seed = SEED + number
    print(f"seed {seed}")
    result = chaos(seed, SECONDS, clients, stacks, mix, kill_every)
    print(result)
    assert result.faults == [], f"BDD_LOCK_SEED={SEED}, the history is in {result.history}"
    assert len(result.operations) > CALLS_LEAST
    assert sum(result.proxied[fate] for fate in ("drop reply", "cut reply", "cut before")) > 0
    assert result.orders > 0 or result.kills > 1
    os.unlink(result.history)
