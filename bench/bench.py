"""./dev bench: this server and its peers in turn on this machine; prints one report, and a full run
writes it into docs/performance.md. See --help. Exit code 1: an answer was wrong."""

import argparse
import json
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

import costs
import dynamodb
import function
import generator
import peers
import rates
import report
from bdd_lock_peer import BddLock
from peer import BenchError
from plans import FULL, SHORT
from rates import say

PARTS = {
    "start": costs.measure_start,
    "memory": costs.measure_memory,
    "seed": rates.measure_seed,
    "v1": rates.measure_v1,
    "scale": rates.measure_scale,
    "waiters": costs.measure_waiters,
    "run": costs.measure_run,
    "dynamodb": dynamodb.measure_dynamodb,
    "lambda": function.measure_function,
}
MORE_FILES = 300  # than connections


class Bench:
    """What each part is given: the plan, the names of the peers, a folder, and servers that are stopped when
    the part is over."""

    def __init__(self, plan, folder, names):
        self.plan = plan
        self.folder = folder
        self.names = names
        self.running = []

    def started(self, name, workload, table, label):
        folder = self.folder / f"{label}-{name}-{table.stacks}"
        return self.start(peers.PEERS[workload][name](folder, table))

    def start(self, peer):
        self.running.append(peer)
        return peer.start()

    def stop_all(self):
        while self.running:
            self.running.pop().stop()

    def run(self, parts):
        results = {"versions": {peers.PEERS["named"][name].title: peers.PEERS["named"][name].version()
                                for name in self.names}}
        for part in parts:
            try:
                results[part] = PARTS[part](self)
            finally:
                self.stop_all()
        return results


def raise_open_files(plan):
    """For this process and all that it starts."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    needed = max(*plan["waiters"]["waiters"], plan["memory"]["connections"]) + MORE_FILES
    if most < needed:
        raise BenchError(f"{needed} open files are needed and {most} allowed: ulimit -Hn {needed}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def one_of(allowed):
    def parse(text):
        words = text.split(",")
        for word in words:
            if word not in allowed:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(allowed)}")
        return [word for word in allowed if word in words]
    return parse


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--short", action="store_true",
                        help="small tables and under a minute: for the answers, not for the times")
    parser.add_argument("--parts", metavar="A,B", type=one_of(tuple(PARTS)), default=list(PARTS),
                        help=f"only these: {','.join(PARTS)}")
    parser.add_argument("--peers", metavar="A,B", type=one_of(peers.NAMES), default=list(peers.NAMES),
                        help=f"only these: {','.join(peers.NAMES)}")
    parser.add_argument("--rounds", type=int, help=f"default {FULL['rounds']}")
    parser.add_argument("--binary", metavar="PATH", type=Path,
                        help="measure this build instead of build/release/bdd-lock, which is built first")
    parser.add_argument("--against", metavar="PATH", type=Path,
                        help="another build of this server, as one more peer")
    parser.epilog = "A run of all parts and peers writes docs/performance.md."
    return parser.parse_args()


def is_whole(arguments):
    return (not arguments.short and not arguments.binary and not arguments.against
            and arguments.parts == list(PARTS) and arguments.peers == list(peers.NAMES))


def prepare(arguments):
    """Builds what is measured; the names of the peers."""
    generator.build()
    named = arguments.binary or os.environ.get("BDD_LOCK_TEST_BINARY")
    BddLock.binary = Path(named or generator.build_release()).resolve()
    if not arguments.against:
        return arguments.peers
    peers.add_other_build(arguments.against.resolve())
    return [*arguments.peers, peers.OTHER]


def main():
    arguments = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    plan = {**(SHORT if arguments.short else FULL)}
    plan["rounds"] = arguments.rounds or plan["rounds"]
    raise_open_files(plan)
    names = prepare(arguments)
    busy = os.getloadavg()[0]
    if busy > 1 and not arguments.short:
        say(f"Something else is running here (load {busy:.1f}): the times will not mean much.")
    folder = peers.private_folder(generator.BUILD)
    try:
        results = Bench(plan, folder, names).run(arguments.parts)
    finally:
        shutil.rmtree(folder)
    results["machine"] = report.machine(generator.BUILD)
    text = report.render(results)
    print(text)
    if is_whole(arguments):
        (generator.BUILD / "last.json").write_text(json.dumps(results, indent=1))
        report.write_into(generator.ROOT / "docs" / "performance.md", text)


if __name__ == "__main__":
    try:
        main()
    except BenchError as error:
        say(f"./dev bench: {error}")
        sys.exit(1)
