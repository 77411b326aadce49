"""Runs the stages of ./test and adds up what they say.

Each stage prints its own output; the last line is "N passed, N failed". A stage that could not run, or
that ran no test, counts as a failure.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from pathlib import Path

import gtest_programs

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "build" / "reports"
PYTHON = "/usr/bin/python3"
JOBS = os.cpu_count() or 2
# Those of e2e wait for something most of the time; those of robustness load a server.
E2E_AT_ONCE = 2 * JOBS + 1
ROBUSTNESS_AT_ONCE = JOBS + 1
NOT_PASSED = []  # said again at the end, where it is found without reading all of the output
COMMAND_SECONDS_MAX = 3600  # for a sanitized build from nothing on two busy cores


def run(*command):
    """The command's exit code; 124 if it took longer than any may."""
    print("+", " ".join(str(part) for part in command), flush=True)
    try:
        return subprocess.run([*gtest_programs.HEEDING, *command], cwd=ROOT,
                              timeout=COMMAND_SECONDS_MAX).returncode
    except subprocess.TimeoutExpired:
        print(f"not finished within {COMMAND_SECONDS_MAX} s", flush=True)
        return 124


def check(*command):
    """A stage of one command: one test."""
    if run(*command) == 0:
        return 1, 0
    NOT_PASSED.append(" ".join(map(str, command)))
    return 0, 1


def count_junit(path, exit_code):
    """(passed, failed) of a JUnit report. A skipped test, an empty report or a bad exit is a failure."""
    try:
        cases = list(xml.parse(path).getroot().iter("testcase"))
    except (OSError, xml.ParseError) as unreadable:
        NOT_PASSED.append(f"{path.stem}: ended with {exit_code}, and its report: {unreadable}")
        return 0, 1
    bad = [c for c in cases
           if c.find("failure") is not None or c.find("error") is not None
           or c.find("skipped") is not None or c.get("status") in ("fail", "notrun", "disabled")]
    NOT_PASSED.extend(f"{path.stem}: {case.get('classname')} {case.get('name')}" for case in bad)
    failed = len(bad)
    if failed == 0 and (exit_code != 0 or not cases):
        NOT_PASSED.append(f"{path.stem}: ended with {exit_code} after {len(cases)} tests")
        failed = 1
    return len(cases) - len(bad), failed


def build(preset):
    done = (run("cmake", "--preset", preset) == 0
            and run("cmake", "--build", "--preset", preset, "-j", str(JOBS)) == 0)
    if not done:
        NOT_PASSED.append(f"the build of {preset}")
    return done


def gtest(preset):
    if not build(preset):
        return 0, 1
    ran = gtest_programs.run_all(ROOT / "build" / preset, REPORTS / f"gtest-{preset}",
                                 {**os.environ, **SANITIZERS})
    if not ran:
        NOT_PASSED.append(f"{preset}: no test ran")
        return 0, 1
    counts = [count_junit(report, code) for report, code in ran]
    return sum(passed for passed, _ in counts), sum(failed for _, failed in counts)


# loadgroup: tests that share something dear, or must not meet themselves, are marked as one xdist_group.
def pytest(folder, at_once, dist="loadgroup"):
    report = REPORTS / f"pytest-{folder}.xml"
    report.unlink(missing_ok=True)
    code = run(PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", str(at_once), "--dist", dist,
               f"tests/{folder}", "-W", "error::pytest.PytestUnhandledThreadExceptionWarning", f"--junit-xml={report}")
    return count_junit(report, code)


def release():
    return (1, 0) if build("release") else (0, 1)


SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}

STAGES = {
    "tidy": lambda: check(PYTHON, "tools/tidy.py"),
    "format": lambda: check("bash", "-c", "git ls-files '*.cpp' '*.hpp' | "
                            "xargs clang-format-19 --dry-run --Werror"),
    "release": release,
    "debug": lambda: gtest("debug"),
    "tsan": lambda: gtest("tsan"),
    "e2e": lambda: pytest("e2e", E2E_AT_ONCE),
    "robustness": lambda: pytest("robustness", ROBUSTNESS_AT_ONCE),
    # By file: what a file's tests stand on, a fresh machine or a table, is made once.
    "packaging": lambda: pytest("packaging", JOBS, "loadfile"),
}


def main():
    names = sys.argv[1:] or list(STAGES)
    unknown = [name for name in names if name not in STAGES]
    if unknown:
        print(f"./test: no such stage: {' '.join(unknown)}. There are: {' '.join(STAGES)}", file=sys.stderr)
        return 64
    REPORTS.mkdir(parents=True, exist_ok=True)
    passed = failed = 0
    summary = []
    for name in names:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        stage_passed, stage_failed = STAGES[name]()
        passed += stage_passed
        failed += stage_failed
        summary.append(f"{name:<12}{stage_passed:>6} passed {stage_failed:>4} failed"
                       f"{time.monotonic() - began:>8.0f} s")
    print("\n" + "\n".join(summary) + "\n")
    for name in NOT_PASSED:
        print("not passed:", name)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
