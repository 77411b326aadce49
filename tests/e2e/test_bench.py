"""The short form of ./dev bench: that it runs and that every server's answers were right. No times. And
that its load generator finds wrong answers, against servers that give them."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from liars import FakeLine, Liar, claim_answer, http, release_answer, request_id_of
from server import PATIENCE_SECONDS, ROOT, free_port

# In one process: the run is dear, and a second beside it would be taken for something left behind.
pytestmark = pytest.mark.xdist_group("bench")

GENERATOR = ROOT / "build" / "bench" / "bench" / "bddlock-bench"


def run_folders():
    return {*(ROOT / "build" / "bench").glob("run-*"), *Path("/var/tmp").glob("bdd-lock-bench-*")}


@pytest.fixture(scope="module")
def folders_before():
    """What a run that was killed has left, or one that goes on beside this."""
    return run_folders()


@pytest.fixture(scope="module")
def short_bench(folders_before):
    return subprocess.run(["./dev", "bench", "--short"], cwd=ROOT, capture_output=True, text=True, timeout=1200)


PROTOCOLS = {"bdd-lock": ("seed", "v1"), "Redis": ("redis", "redis-any"), "PostgreSQL": ("postgres", "postgres-any")}


@pytest.mark.parametrize("peer", PROTOCOLS)
def test_the_short_benchmark_finds_every_answer_right(short_bench, peer):
    assert short_bench.returncode == 0, short_bench.stdout + short_bench.stderr
    named, any_of_repo = PROTOCOLS[peer]
    for protocol, tables in ((named, ["200 stacks"]),
                             (any_of_repo, ["200 stacks", "8 stacks", "2,000 stacks of 10 repos"])):
        for table in tables:
            assert f"{peer}, {protocol}, {table}: every answer was right" in short_bench.stderr


@pytest.mark.parametrize("row", ["200 | 1 | Redis", "200 | 16 | bdd-lock", "2,000 of 10 repos | 4 | bdd-lock"])
def test_the_short_benchmark_reports_every_part(short_bench, row):
    assert f"\n| {row} |" in short_bench.stdout


def test_the_short_benchmark_serves_a_line_in_order(short_bench):
    lines = short_bench.stdout.partition("### From a release")[2]
    grants = re.findall(r"^\| (\d+) \| [\d.]+ \| [\d.]+ \| [\d.-]* ?\| (\d+) \|", lines, re.M)
    assert grants == [("1", "22"), ("50", "71")]  # the first, 20 while others come, and those that wait


@pytest.mark.parametrize("way", ["the original's way", "bdd-lock, seed's API", "bdd-lock, v1"])
def test_the_short_benchmark_counts_what_a_cycle_calls(short_bench, way):
    """A claim and a release are a write each, at the least, however they are made."""
    calls = short_bench.stdout.partition("What a cycle calls and consumes:")[2]
    writes = re.findall(rf"^\| \d \| {re.escape(way)} \| [\d.]+ \| ([\d.]+) \|", calls, re.M)
    assert len(writes) == 2
    assert all(float(each) >= 2 for each in writes)


def test_the_short_benchmark_starts_the_function(short_bench):
    assert "lambda: every answer was right" in short_bench.stderr
    assert "| the Lambda function, from its start to the first answer, ms |" in short_bench.stdout


def test_it_leaves_nothing_behind(short_bench, folders_before):
    assert short_bench.returncode == 0
    assert run_folders() - folders_before == set()


def run_generator(command, **words):
    return subprocess.run([GENERATOR, command, *(str(w) for k, v in words.items()
                                                 for w in (f"--{k.replace('_', '-')}", v))],
                          env={**os.environ, "BDD_LOCK_AUTH_TOKEN": "secret"}, capture_output=True, text=True,
                          timeout=PATIENCE_SECONDS)


def load(port, connections=1, stacks=1, wish="own", protocol="seed"):
    return run_generator("load", protocol=protocol, port=port, connections=connections, stacks=stacks, repos=1,
                         wish=wish, seconds=10, warm_up=0, seed=1, run=1, claims=0)


def wait_in_line(port, waiters=5, patience=5):
    return run_generator("waiters", port=port, server=os.getpid(), waiters=waiters, samples=3, wait_seconds=20,
                         patience=patience)


CLAIMED = http(200, '{"info": "Successfully claimed stack"}')
CANCELLED = http(400, '{"error": "Transaction Cancelled"}')


@pytest.mark.parametrize("answer, wish, problem", [
    (CLAIMED, "shared", "lent twice: stack-0000000"),
    (CLAIMED, "own", "an answer that the seed's API does not have"),  # to the release
    (CANCELLED, "own", "a free stack was refused: stack-0000000"),
    (CLAIMED + CLAIMED, "own", "more than one answer"),
    (http(200, '{"info": "Successfully claimed stack"} '), "own", "an answer that the seed's API does not have"),
    (http(503, '{"error": "x"}'), "own", "an answer that the seed's API does not have"),
], ids=["everything granted", "release answered as a claim", "nothing granted", "two answers", "a blank more",
        "an error"])
def test_the_load_generator_finds_a_wrong_answer(short_bench, answer, wish, problem):
    with Liar(answer) as liar:
        connections = 8 if wish == "shared" else 1
        done = load(liar.port, connections, wish=wish)
    assert done.returncode == 1
    assert problem in done.stderr


def same_stack_to_all(request):
    return release_answer() if "/release" in request else claim_answer(request_id_of(request))


def wrong_claim(**fields):
    return lambda request: claim_answer(**{"request_id": request_id_of(request), **fields})


def other_token_released(request):
    return release_answer(token=2) if "/release" in request else claim_answer(request_id_of(request))


NONE_AVAILABLE = http(409, {"code": "none_available"})


@pytest.mark.parametrize("answer, connections, problem", [
    (same_stack_to_all, 8, "lent twice: stack-0000000"),
    (same_stack_to_all, 1, "the fencing token did not rise: stack-0000000"),
    (wrong_claim(stack="stack-0000009"), 1, "a stack that is not of the repo: stack-0000009"),
    (wrong_claim(repo="repo-0001"), 1, "no claim of this request"),
    (wrong_claim(request_id="another"), 1, "no claim of this request"),
    (wrong_claim(token=0), 1, "no claim of this request"),
    (other_token_released, 1, "no release of this claim"),
    (NONE_AVAILABLE, 1, "a free stack was refused: repo-0000"),
    (http(409, {"code": "never_satisfiable"}), 1, "no claim of this request"),
], ids=["everything granted", "the token stays", "no such stack", "another repo", "another request", "no token",
        "another release", "nothing granted", "another refusal"])
def test_the_load_generator_finds_a_wrong_answer_of_v1(short_bench, answer, connections, problem):
    with Liar(answer) as liar:
        done = load(liar.port, connections, stacks=4, wish="any", protocol="v1")
    assert done.returncode == 1
    assert problem in done.stderr


def test_a_line_that_is_kept_is_found_right(short_bench):
    with FakeLine(refrain=4) as line:
        done = wait_in_line(line.port)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["in_order"], result["served_in_order"], result["repeats"]) == (1 + 3 + 5, 5, 4)


@pytest.mark.parametrize("line, problem", [
    ({"pick": -1}, "out of order: wait-6 before wait-2"),
    ({"pick": 1}, "out of order: wait-3 before wait-2"),
    ({"grants": 2}, "lent twice: to wait-2 and to wait-3"),
    ({"grants": 0}, "the line does not move any more"),
    ({"loses": 3}, "not so many wait"),
    ({"rises": False}, "the fencing token did not rise"),
], ids=["last first", "second first", "two at once", "nobody", "a request lost", "the token stays"])
def test_a_line_that_is_not_kept_is_found(short_bench, line, problem):
    with FakeLine(**line) as server:
        done = wait_in_line(server.port, patience=1)
    assert done.returncode == 1
    assert problem in done.stderr


def test_the_load_generator_fails_where_nobody_answers(short_bench):
    done = load(free_port())
    assert done.returncode == 1
    assert "nobody answers at the port" in done.stderr
