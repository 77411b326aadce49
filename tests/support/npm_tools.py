"""The test tools of tests/tools/package.json, installed when they are missing or others than locked."""

import fcntl
import os
import shutil
import subprocess

from server import ROOT

FOLDER = ROOT / "tests" / "tools"


def npm_tool(name):
    """The path of a tool's program. Installs all of them the first time."""
    with (FOLDER / "package-lock.json").open("rb") as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)  # tests run at the same time
        install_if_missing(locked.read())
    return FOLDER / "node_modules" / ".bin" / name


def install_if_missing(lock):
    stamp = FOLDER / "node_modules" / ".installed-lock"
    if not stamp.exists() or stamp.read_bytes() != lock:
        assert shutil.which("npm"), "npm is missing: tools/install-deps test"
        done = subprocess.run(["npm", "ci", "--omit=dev", "--omit=optional", "--ignore-scripts", "--no-audit",
                               "--no-fund"], cwd=FOLDER, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        stamp.write_bytes(lock)


def run_npm_tool(name, *arguments, cwd=ROOT):
    return subprocess.run([npm_tool(name), *arguments], cwd=cwd, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "NO_COLOR": "1", "NO_PROXY": "127.0.0.1"})
