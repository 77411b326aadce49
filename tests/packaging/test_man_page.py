"""packaging/bdd-lock.1 says what the program's own --help says."""

import re
import subprocess

import pytest
from server import ROOT, run_cli

PAGE = ROOT / "packaging" / "bdd-lock.1"


@pytest.fixture(scope="module")
def page():
    done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-rLL=200n", "-P-c", "-P-b", "-P-u", str(PAGE)],
                          capture_output=True, text=True, check=True)
    assert done.stderr == "", "groff has something to say against the page"
    return done.stdout.replace("\\-", "-")


def words_in(pattern, text):
    return set(re.findall(pattern, text, re.M))


def commands():
    overview = run_cli("--help").stdout
    found = words_in(r"^  ([a-z]+)  +\S", overview)
    assert {"serve", "claim", "version"} <= found, overview
    return found


def test_it_has_every_command_and_no_other(page):
    section = page[page.index("\nCOMMANDS"):page.index("\nOPTIONS")]
    assert words_in(r"^ {7}([a-z]+)\b", section) == commands()


def test_it_has_every_option_and_variable_and_no_other(page):
    helps = "".join(run_cli(command, "--help").stdout for command in commands())
    options = words_in(r"^  (--[a-z-]+)", helps) | {"--help"}
    assert words_in(r"^ {7}(--[a-z-]+)", page) == options
    variable = r"\b(BDD_LOCK_[A-Z_]+|EXPIRY_SECONDS|REPO_NAME)\b"
    assert words_in(variable, page) == words_in(variable, helps)


def test_it_has_every_exit_code(page):
    codes = words_in(r"^  (\d+)  ", run_cli("--help").stdout)
    section = page[page.index("\nEXIT STATUS"):page.index("\nEXAMPLES")]
    assert codes and words_in(r"^ {7}(\d+)\b", section) == codes
