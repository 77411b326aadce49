"""Runs the GoogleTest programs of a build folder, each as one process, several at once.

ctest starts a process for each test, which is right for one that is looked into. For all of them it costs
more than most tests do: a process under the sanitizers takes a tenth of a second to begin and to end.
"""

import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# More than the processors, since some mostly wait. Those that take long begin first (COST), so that at the
# end no processor waits for the last one.
AT_ONCE = (os.cpu_count() or 2) + 1
SECONDS_MAX = 900  # of one program, on a busy machine
# Whatever nohup, or a shell that put us into its background, ignores: tests stop what they start by these.
HEEDING = ["env", "--default-signal=HUP,INT,QUIT"]


def programs(folder):
    """(path, working folder) of each, as ctest knows them."""
    shown = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"], check=True, timeout=300,
                           stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for test in json.loads(shown)["tests"]:
        told = {p["name"]: p["value"] for p in test["properties"]}
        found[Path(test["command"][0])] = (told.get("COST", 0), told["WORKING_DIRECTORY"])
    dearest_first = sorted(found, key=lambda program: -found[program][0])
    return [(program, found[program][1]) for program in dearest_first]


def run_program(program, working_folder, report, env):
    """Its exit code; prints what it said if that is not 0."""
    began = time.monotonic()
    said = report.with_suffix(".log")
    # To a file: what a test started may outlive a program that is stopped here, and would keep a pipe open.
    with said.open("wb") as out:
        try:
            code = subprocess.run([*HEEDING, program, f"--gtest_output=xml:{report}"], cwd=working_folder, env=env,
                                  stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                  timeout=SECONDS_MAX).returncode
        except subprocess.TimeoutExpired:
            code = 124
    if code != 0:
        print(said.read_text(errors="replace"))
    print(f"{program.name}: ended with {code} after {time.monotonic() - began:.0f} s", flush=True)
    return code


def run_all(folder, reports, env):
    """[(report, exit code)] of all programs that were built in `folder`."""
    reports.mkdir(parents=True, exist_ok=True)
    for old in reports.iterdir():
        old.unlink()

    # All of each program's tests, whatever the caller's own settings are.
    env = {name: value for name, value in env.items() if not name.startswith("GTEST_")}

    def run(found):
        program, working_folder = found
        report = reports / f"{program.name}.xml"
        return report, run_program(program, working_folder, report, env)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, programs(folder)))
