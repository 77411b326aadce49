"""How much is measured: all of it, or so little that ./test can have it for the answers."""

from peer import Table

FULL = {
    "rounds": 5, "seconds": 2.5, "warm_up": 0.5,
    "start": {"runs": 20},
    "memory": {"connections": 5000},
    "seed": {"tables": (Table(1_000), Table(1_000_000)), "connections": (1, 16, 64, 256), "writes": 1000},
    "v1": {"tables": (Table(1_000),), "connections": (1, 64, 256)},
    # Repos of the same size, so that nothing differs but how many there are.
    "scale": {"tables": (Table(1_000), Table(1_000_000, 1_000)), "connections": (1, 64)},
    "waiters": {"waiters": (1, 1_000, 10_000), "samples": 1000, "wait_seconds": 50, "patience": 300},
    "run": {"runs": 50},
    "dynamodb": {"stacks": 20, "clients": (1, 8, 16), "seconds": 6, "warm_up": 20, "counted": 160, "wakes": 25},
    "lambda": {"runs": 20, "invocations": 200},
}

SHORT = {
    "rounds": 1, "seconds": 1, "warm_up": 0.1,
    "start": {"runs": 3},
    "memory": {"connections": 100},
    "seed": {"tables": (Table(200),), "connections": (1, 16), "writes": 20},
    "v1": {"tables": (Table(200),), "connections": (1, 16)},
    "scale": {"tables": (Table(200), Table(2_000, 10)), "connections": (4,)},
    "waiters": {"waiters": (1, 50), "samples": 20, "wait_seconds": 20, "patience": 60},
    "run": {"runs": 3},
    "dynamodb": {"stacks": 3, "clients": (1, 2), "seconds": 1, "warm_up": 0.2, "counted": 8, "wakes": 2},
    "lambda": {"runs": 2, "invocations": 5},
}

CONTENDED = Table(8)  # for 32 connections
