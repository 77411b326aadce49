"""The servers that ./dev bench measures, by workload: `named`, a claim of a stack by its name, and `any`, a
claim of any stack of a repo."""

import os
import shutil
import tempfile
from pathlib import Path

from bdd_lock_peer import BddLock, BddLockAny
from postgres_peer import Postgres, PostgresAny
from redis_peer import Redis, RedisAny

PEERS = {
    "named": {"bdd-lock": BddLock, "redis": Redis, "postgres": Postgres},
    "any": {"bdd-lock": BddLockAny, "redis": RedisAny, "postgres": PostgresAny},
}
NAMES = tuple(PEERS["named"])
OTHER = "other"


def add_other_build(binary):
    """Another build of this server as one more peer, so that the two are measured in the same minutes."""
    for classes in PEERS.values():
        mine = classes["bdd-lock"]
        classes[OTHER] = type("Other" + mine.__name__, (mine,), {"title": "other build", "binary": binary})


def private_folder(parent):
    """A new folder below `parent`, on the disk that is measured. Root's PostgreSQL must be able to reach
    it; where it cannot, a folder in /var/tmp takes its place."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=parent))
    folder.chmod(0o755)
    reachable = all(step.stat().st_mode & 0o001 for step in folder.parents)
    if os.getuid() == 0 and not reachable:
        shutil.rmtree(folder)
        folder = Path(tempfile.mkdtemp(prefix="bdd-lock-bench-", dir="/var/tmp"))
        folder.chmod(0o755)
    return folder
