"""The package under a real systemd: the unit as it is, with all that it closes."""

import re
import shutil

import pytest
from debian_root import Machine, make_debian_root, run_inside

DEB = "/root/bdd-lock.deb"
CONFIG = "etc/bdd-lock/bdd-lock.conf"


@pytest.fixture(scope="module")
def machine(package, tmp_path_factory):
    root = tmp_path_factory.mktemp("machine")
    root.chmod(0o755)
    make_debian_root(root)
    shutil.copy(package, f"{root}{DEB}")
    run_inside(root, "apt-get", "update", "-qq")
    run_inside(root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "systemd-sysv", DEB)
    with Machine(root) as running:
        yield running
    shutil.rmtree(root)


def client(machine, *words, check=True):
    token = (machine.root / "etc/bdd-lock/token").read_text().strip()
    return machine.run("bdd-lock", *words, env={"BDD_LOCK_AUTH_TOKEN": token, "REPO_NAME": "r"}, check=check)


def shown(machine, name):
    return machine.run("systemctl", "show", "--value", f"--property={name}", "bdd-lock").stdout.strip()


def wait_active(machine):
    machine.wait_for(lambda: client(machine, "doctor", check=False).returncode == 0)
    assert shown(machine, "ActiveState") == "active"


def test_it_is_started_at_boot_and_works(machine):
    wait_active(machine)
    assert client(machine, "create", "alpha").stdout == "alpha\n"
    assert client(machine, "claim").stdout == "alpha\n"
    assert client(machine, "release", "alpha").returncode == 0


def test_what_the_unit_closes_is_closed(machine):
    wait_active(machine)
    status = machine.run("cat", f"/proc/{shown(machine, 'MainPID')}/status").stdout
    fields = dict(re.findall(r"^(\w+):\s*(.*)$", status, re.M))
    assert "0" not in fields["Uid"].split()
    assert int(fields["CapEff"], 16) == int(fields["CapBnd"], 16) == 0
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


def test_a_crash_is_followed_by_a_restart_and_the_table_is_still_there(machine):
    wait_active(machine)
    before = shown(machine, "MainPID")
    machine.run("sh", "-c", f"kill -KILL {before}")
    machine.wait_for(lambda: shown(machine, "MainPID") not in ("0", before))
    wait_active(machine)
    assert "alpha" in client(machine, "list").stdout


def test_an_upgrade_restarts_it(machine):
    wait_active(machine)
    before = shown(machine, "MainPID")
    machine.run("dpkg", "-i", DEB)
    wait_active(machine)
    assert shown(machine, "MainPID") != before
    assert "alpha" in client(machine, "list").stdout


def test_a_wrong_setting_stops_it_for_good(machine):
    config = machine.root / CONFIG
    good = config.read_text()
    config.write_text(good.replace("127.0.0.1:8080", "nowhere"))
    machine.run("systemctl", "restart", "bdd-lock", check=False)
    machine.wait_for(lambda: shown(machine, "ActiveState") == "failed")
    assert shown(machine, "ExecMainStatus") == "64"
    config.write_text(good)
    machine.run("systemctl", "restart", "bdd-lock")
    wait_active(machine)


def test_it_stops_in_good_order(machine):
    wait_active(machine)
    machine.run("systemctl", "stop", "bdd-lock")
    assert (shown(machine, "ActiveState"), shown(machine, "Result")) == ("inactive", "success")
    machine.run("systemctl", "start", "bdd-lock")
    wait_active(machine)


def test_a_purge_stops_it_and_leaves_nothing(machine):
    wait_active(machine)
    machine.run("dpkg", "--purge", "bdd-lock")
    assert machine.run("sh", "-c", "ls /proc/[0-9]*/exe -l 2>/dev/null | grep bdd-lock", check=False).stdout == ""
    assert not (machine.root / "var/lib/bdd-lock").exists()
