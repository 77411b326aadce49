"""Three servers on one table of DynamoDB behind a proxy that fails, killed in turn, without and with the original on the
same table: what their clients saw is checked by claimcheck.

Set BDD_LOCK_SEED to repeat what the clients choose; ./dev replicas runs one for longer. A run that fails keeps its
history in a file and names it; ./dev check --again FILE checks it again.
"""

import os
import random

import pytest
from replicas import MIXED, Setting, run

SEED = int(os.environ.get("BDD_LOCK_SEED", str(random.randrange(1 << 30))))
SECONDS = float(os.environ.get("BDD_LOCK_CHAOS_SECONDS", "8"))
CALLS_LEAST = 20  # of a run, or too little happened for it to mean anything


@pytest.mark.parametrize("setting", [Setting(), Setting(clients=6, originals=2)], ids=["alone", "beside the original"])
def test_no_promise_is_broken_by_several_servers(dynamodb, setting):
    print(f"seed {SEED}")
    result = run(SEED, SECONDS, dynamodb, setting)
    print(result)
    assert result.faults == [], f"BDD_LOCK_SEED={SEED}, the history is in {result.history}"
    assert len(result.operations) > CALLS_LEAST
    assert sum(result.proxied[fate] for fate in MIXED) > 0
    kinds = {op.kind for op in result.operations if op.done}
    assert (setting.originals > 0) == ("original_claim" in kinds)
    os.unlink(result.history)
