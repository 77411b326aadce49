"""The scripts of `bdd-lock completion` in the shells themselves."""

import shutil
import subprocess

import pytest
from server import TOKEN, binary, clean_environment, run_cli
from terminal import Terminal

# (what is typed before the Tab, what the line is then)
LINES = [
    ("bdd-lock relea", "bdd-lock release "),
    ("bdd-lock show testStack2", "bdd-lock show testStack2192 "),
    ("bdd-lock show odd", "bdd-lock show odd\\ one "),
    ("bdd-lock list --repo pay", "bdd-lock list --repo paymentService "),
    ("bdd-lock list --output js", "bdd-lock list --output json "),
    ("bdd-lock list --output=js", "bdd-lock list --output=json "),
    ("bdd-lock list --no-such", "bdd-lock list --no-such"),
    ("bdd-lock disable --now testStack2", "bdd-lock disable --now testStack2192 "),
    ("bdd-lock release --outcome ca", "bdd-lock release --outcome cancelled "),
    ("bdd-lock import table-", "bdd-lock import table-of-mine.jsonl "),
    ("bdd-lock help hist", "bdd-lock help history "),
    ("bdd-lock completion zs", "bdd-lock completion zsh "),
    ("bdd-lock run --on-lost wa", "bdd-lock run --on-lost warn "),
    ("bdd-lock run --wait 10m -- bdd-lo", "bdd-lock run --wait 10m -- bdd-lock "),
]


@pytest.fixture
def home(server, tmp_path):
    """A folder to be in, with the program in the PATH; (folder, variables)"""
    server.create("testStack2192", "paymentService")
    server.create("odd one", "emailService")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bdd-lock").symlink_to(binary())
    (tmp_path / "table-of-mine.jsonl").write_text("")
    for shell in ("bash", "zsh", "fish"):
        (tmp_path / f"script.{shell}").write_text(run_cli("completion", shell).stdout)
    return tmp_path, {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "BDD_LOCK_ENDPOINT": server.endpoint,
                      "BDD_LOCK_AUTH_TOKEN": TOKEN, "HOME": str(tmp_path)}


def completed(terminal, typed, wanted, behind="|"):
    terminal.type(typed)
    terminal.press("Tab")
    terminal.wait_until(lambda text: text.rstrip("\n").endswith("> " + wanted.rstrip()), f"{typed} to be {wanted}")
    # What the shell put behind it shows by what comes next.
    terminal.type(behind)
    terminal.wait_until(lambda text: text.rstrip("\n").endswith(wanted + behind), f"the end of {wanted}")
    terminal.press("C-c")
    terminal.wait_until(lambda text: text.rstrip("\n").endswith("\n>"), "a new prompt")


@pytest.mark.parametrize("way", ["read at the start", "found in its directory"])
def test_zsh_completes_what_is_typed(home, way):
    folder, env = home
    (folder / "functions").mkdir()
    begin = "PS1='> '; unsetopt beep; "
    if way == "read at the start":
        begin += "autoload -Uz compinit; compinit -D -u; source ~/script.zsh"
    else:
        shutil.copy(folder / "script.zsh", folder / "functions" / "_bdd-lock")
        begin += "fpath=(~/functions $fpath); autoload -Uz compinit; compinit -D -u"
    (folder / ".zshrc").write_text(begin + "\n")
    with Terminal(folder, "zsh", "-d", "-i", rows=60, env={**env, "ZDOTDIR": str(folder)}) as terminal:
        terminal.wait_for(">")
        for typed, wanted in LINES:
            # zsh takes the blank away again before a | .
            completed(terminal, typed, wanted.rstrip())
        completed(terminal, "bdd-lock list --stat", "bdd-lock list --state=", behind="held")


def test_bash_completes_what_is_typed(home):
    folder, env = home
    (folder / "bashrc").write_text("PS1='> '\nsource ~/script.bash\n")
    with Terminal(folder, "bash", "--noprofile", "--rcfile", folder / "bashrc", rows=60, env=env) as terminal:
        terminal.wait_for(">")
        for typed, wanted in LINES:
            completed(terminal, typed, wanted)
        completed(terminal, "bdd-lock list --stat", "bdd-lock list --state ")


def test_fish_completes_what_is_typed(home):
    folder, env = home
    for typed, wanted in LINES:
        done = subprocess.run(["fish", "--no-config", "-c", f"source script.fish; complete -C {typed!r}"], cwd=folder,
                              env=clean_environment(**env), capture_output=True, text=True, timeout=60)
        assert done.stderr == ""
        offered = [line.split("\t")[0] for line in done.stdout.splitlines()]
        last = wanted.strip().removeprefix(typed.rpartition(" ")[0]).strip().replace("\\ ", " ")
        assert last in offered or typed == wanted, (typed, offered)
        assert len(offered) == (typed != wanted) or typed.endswith("bdd-lo"), (typed, offered)


@pytest.mark.parametrize("shell, check", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "-n"])])
def test_the_scripts_have_no_fault_that_the_shell_finds(home, shell, check):
    folder, env = home
    done = subprocess.run([*check, folder / f"script.{shell}"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_server_nothing_is_offered_and_nothing_is_said(home):
    folder, env = home
    env = {**env, "BDD_LOCK_ENDPOINT": "http://127.0.0.1:1"}
    done = subprocess.run(["fish", "--no-config", "-c", "source script.fish; complete -C 'bdd-lock show t'"], cwd=folder,
                          env=clean_environment(**env), capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("", "")
