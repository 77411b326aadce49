"""./dev check ENDPOINT: claims at random on a running server, in a repo of its own, and checks what came of it.

Exit codes: 0 nothing is wrong; 1 a promise was broken; 64 usage; 69 the server cannot be reached, or a stack could
not be removed again; 77 it does not accept the token.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from .checker import Server, check
from .client import UNANSWERED, Connection, Unexpected, say_in_the_end, stacks_of
from .operation import History, read_file, write_file
from .traffic import Mix, Traffic, quiesce

# Bounds of what it may do to a server that others use.
CLIENTS_MAX, STACKS_MAX, SECONDS_MAX, OPERATIONS_MAX = 64, 64, 600, 200_000
SECONDS_OF_SKEW = 10  # a sandbox ends the leases of another 5 s late
SECONDS_TO_END = 20  # for the last leases and holds to be over


def bounded(name, most):
    def number(text):
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"{name} is 1 to {most}")
        return value
    return number


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(64, f"{self.prog}: {message}\n")


def arguments(words):
    parser = Parser(prog="./dev check", description=__doc__.split("\n\n")[0])
    parser.add_argument("endpoint", nargs="?", help="such as http://127.0.0.1:8080")
    parser.add_argument("--clients", type=bounded("clients", CLIENTS_MAX), default=12)
    parser.add_argument("--stacks", type=bounded("stacks", STACKS_MAX), default=4)
    parser.add_argument("--seconds", type=bounded("seconds", SECONDS_MAX), default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30), help="repeats what clients choose")
    parser.add_argument("--token-file", help="instead of BDD_LOCK_AUTH_TOKEN")
    parser.add_argument("--seed-release-ends-claims", action="store_true", help="as the server was told")
    parser.add_argument("--replicas", action="store_true", help="several servers answer there: each has a clock of "
                        "its own")
    parser.add_argument("--lambda", action="store_true", dest="is_lambda", help="a Lambda function answers there: as "
                        "--replicas, and nothing sweeps between calls, so the sweep is asked for at the end")
    parser.add_argument("--history", metavar="FILE", help="where to write it (default: a new file in the temporary "
                        "folder)")
    parser.add_argument("--again", metavar="FILE", help="only checks a history that was written before")
    given = parser.parse_args(words)
    given.replicas = given.replicas or given.is_lambda
    if bool(given.endpoint) == bool(given.again):
        parser.error("an endpoint, or --again FILE")
    if given.endpoint and not given.endpoint.startswith(("http://", "https://")):
        parser.error("the endpoint begins with http:// or https://")
    return given


def token_of(given):
    if given.token_file:
        return Path(given.token_file).read_text(encoding="utf-8").split()[0]
    return os.environ.get("BDD_LOCK_AUTH_TOKEN", "")


def pool_of(repo, count):
    """Stacks with two labels each, so that wishes for some suit a half and a third of them."""
    return {f"{repo}-{n}": {"half": str(n % 2), "third": str(n % 3)} for n in range(count)}


def ask(connection, expected, *call):
    status, document = connection.call(*call)
    if status not in expected:
        raise Unexpected(f"{call[0]} {call[1]} was answered {status} {document}")


def create(connection, repo, pool):
    for name, labels in pool.items():
        ask(connection, (201,), "POST", "/v1/stacks", {"stackName": name, "repoName": repo, "labels": labels})


def remove(connection, repo):
    """The stacks of the repo, whoever still uses them: a disabled stack is granted to nobody any more."""
    for name in stacks_of(connection, repo):
        over = {"disabled": {"reason": "the check is over", "when": "now"}}
        ask(connection, (200,), "PATCH", f"/v1/stacks/{name}", over)
        ask(connection, (204,), "DELETE", f"/v1/stacks/{name}")


def run(given, token):
    """(operations, pool, server): what the clients saw, and what the server says when all is over."""
    repo = f"check-{random.SystemRandom().randrange(1 << 40):x}"
    pool = pool_of(repo, given.stacks)
    history = History()
    connection = Connection(given.endpoint, token)
    traffic = Traffic(given.endpoint, token, repo, pool, history, given.clients, given.seed, Mix(),
                      most=OPERATIONS_MAX)
    try:
        create(connection, repo, pool)
        traffic.start()
        try:
            until = time.monotonic() + given.seconds
            while time.monotonic() < until and not traffic.is_over():
                time.sleep(0.05)
        finally:
            traffic.stop()
        quiesce(traffic, given.endpoint, SECONDS_TO_END)
        ending = {"sweep": lambda: ask(connection, (200,), "POST", "/v1/sweep", {}),
                  "seconds": SECONDS_OF_SKEW} if given.is_lambda else {}
        server = Server(*say_in_the_end(connection, repo, **ending))
    finally:
        remove(connection, repo)
        connection.close()
    return history.operations, pool, server


def report(operations, verdict, path):
    claims = {document["claim"] for op in operations for document in op.answer.get("claims", [])}
    unknown = sum(op.unknown for op in operations)
    print(f"{len(operations)} calls, {len(claims)} claims, {unknown} calls without an answer, "
          f"{verdict.orders} sure orders")
    print(f"the history is in {path}")
    for fault in verdict.faults:
        print(f"  {fault}")
    print("the server broke a promise" if verdict.faults else "nothing is wrong")
    return 1 if verdict.faults else 0


def main(words):
    given = arguments(words)
    if given.again:
        operations, rest = read_file(given.again)
        server = Server(rest["events"], rest["stacks"])
        return report(operations, check(operations, rest["pool"], server, **rest["ofServer"]), given.again)
    path = given.history or tempfile.mkstemp(prefix="bdd-lock-check-", suffix=".jsonl")[1]
    print(f"{given.clients} clients on {given.stacks} stacks for {given.seconds} s, seed {given.seed}")
    try:
        operations, pool, server = run(given, token_of(given))
    except Unexpected as refused:
        print(f"./dev check: {refused}", file=sys.stderr)
        return 77 if " 401 " in str(refused) or " 403 " in str(refused) else 69
    except UNANSWERED as failure:
        print(f"./dev check: {given.endpoint} cannot be reached: {failure}", file=sys.stderr)
        return 69
    except KeyboardInterrupt:
        print("./dev check: interrupted; its stacks are removed again", file=sys.stderr)
        return 130
    of_server = {"seed_release_ends_claims": given.seed_release_ends_claims, "replicas": given.replicas}
    write_file(path, operations, pool=pool, events=server.events, stacks=server.stacks, ofServer=of_server)
    return report(operations, check(operations, pool, server, **of_server), path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
