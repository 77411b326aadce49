"""Ten jobs on three stacks, with jobs and server killed at random: each stack is lent to one job's command at a
time, and all are free at the end."""

import os
import random
import signal
import threading
import time

from runs import Run, states
from server import wait_until

JOBS = 10
STACKS = ("alpha", "beta", "gamma")
SECONDS = 8
# The lock lives as long as any process of the command that holds it: one that outlived its claim would be seen.
COMMAND = """
exec 9>"$FOLDER/$STACK_NAME.lock"
flock -n 9 || echo "$STACK_NAME is in use by another command" >>"$FOLDER/violations"
sleep 0.05 & sleep 0.1
echo "$STACK_NAME" >>"$FOLDER/uses"
"""
# The command's, ended by a signal in any stage (before and after all of them by the signal itself), none in time,
# lost, and no server.
CODES = {0, -signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGINT, 128 + signal.SIGTERM, -signal.SIGKILL, 128 + signal.SIGKILL, 75, 76, 69}


class Crowd:
    def __init__(self, server, folder, seed):
        self.server, self.folder = server, folder
        self.rng = random.Random(seed)
        self.lock = threading.Lock()
        self.running = {}
        self.ends = []
        self.until = time.monotonic() + SECONDS

    def work(self, number):
        folder = self.folder / f"job-{number}"
        folder.mkdir()
        while time.monotonic() < self.until:
            with Run(self.server, ["--no-create", "--lease", "2s", "--grace", "0", "--wait", "20s"], COMMAND, folder,
                     env={"FOLDER": str(self.folder)}) as job:
                with self.lock:
                    self.running[number] = job.process
                code, _, said = job.end()
                with self.lock:
                    del self.running[number]
                    self.ends.append((code, said))

    def disturb(self):
        while time.monotonic() < self.until:
            time.sleep(self.rng.uniform(0.05, 0.3))
            if self.rng.random() < 0.1:
                self.server.kill()
                time.sleep(self.rng.uniform(0, 0.5))
                self.server.start()
                continue
            with self.lock:
                if self.running:
                    victim = self.rng.choice(sorted(self.running))
                    self.running[victim].send_signal(
                        self.rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))


def test_ten_jobs_share_three_stacks_whatever_is_killed(server, tmp_path):
    seed = int(os.environ.get("BDD_LOCK_TEST_SEED", random.randrange(1 << 30)))
    print(f"BDD_LOCK_TEST_SEED={seed}")
    for name in STACKS:
        server.create(name)
    crowd = Crowd(server, tmp_path, seed)
    threads = [threading.Thread(target=crowd.work, args=(number,)) for number in range(JOBS)]
    for thread in threads:
        thread.start()
    crowd.disturb()
    for thread in threads:
        thread.join()
    violations = tmp_path / "violations"
    assert not violations.exists(), violations.read_text()
    assert {code for code, _ in crowd.ends} <= CODES, [end for end in crowd.ends if end[0] not in CODES]
    wait_until(lambda: set(states(server).values()) == {"available"}, what="every stack's being free")
    uses = (tmp_path / "uses").read_text().split()
    assert set(uses) == set(STACKS) and len(uses) > JOBS
    assert any(code == 0 for code, _ in crowd.ends)
