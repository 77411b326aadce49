"""The .deb in a new Debian root: installed, used, upgraded, removed, purged."""

import shutil
import subprocess
import time

import pytest
from debian_root import inside, make_debian_root, run_inside
from server import PATIENCE_SECONDS, clean_environment, free_port
from unit_file import read_unit

DEB = "/root/bdd-lock.deb"
CONFIG = "/etc/bdd-lock/bdd-lock.conf"
TOKENS = "/etc/bdd-lock/token"
TABLE = "/var/lib/bdd-lock/bdd-lock.db"
COMPLETIONS = {"bash": "/usr/share/bash-completion/completions/bdd-lock",
               "zsh": "/usr/share/zsh/vendor-completions/_bdd-lock",
               "fish": "/usr/share/fish/vendor_completions.d/bdd-lock.fish"}
WANTED_BY = "/etc/systemd/system/multi-user.target.wants/bdd-lock.service"


@pytest.fixture(scope="module")
def debian(package, tmp_path_factory):
    root = tmp_path_factory.mktemp("debian")
    root.chmod(0o755)
    make_debian_root(root)
    shutil.copy(package, f"{root}{DEB}")
    run_inside(root, "apt-get", "update", "-qq")
    yield root
    shutil.rmtree(root)


def apt(root, *words):
    return run_inside(root, "apt-get", "-y", "-qq", "--no-install-recommends", *words)


def text_of(root, path):
    return (root / path.lstrip("/")).read_text()


def facts(root, path):
    return run_inside(root, "stat", "-c", "%U:%G %a", path).stdout.strip()


class Service:
    """What systemd would do with the installed unit, as far as it can be done without systemd."""

    def __init__(self, root):
        unit = read_unit(root / "usr/lib/systemd/system/bdd-lock.service")["Service"]
        user, group = unit["User"], unit["Group"]
        state = "/var/lib/" + unit["StateDirectory"]
        run_inside(root, "install", "-d", "-o", user, "-g", group, "-m", unit["StateDirectoryMode"], state)
        self.root = root
        self.endpoint = f"http://127.0.0.1:{free_port()}"
        env = {**clean_environment(), "BDD_LOCK_LISTEN": self.endpoint.removeprefix("http://")}
        self.process = subprocess.Popen(inside(root, *unit["ExecStart"].split(), user=f"{user}:{group}"),
                                        env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        until = time.monotonic() + PATIENCE_SECONDS
        while self.client("doctor", check=False).returncode != 0:
            assert self.process.poll() is None, self.process.stdout.read()
            assert time.monotonic() < until, self.client("doctor", check=False).stdout
            time.sleep(0.05)

    def client(self, *words, token=None, check=True):
        env = {"BDD_LOCK_ENDPOINT": self.endpoint, "REPO_NAME": "paymentService"}
        env["BDD_LOCK_AUTH_TOKEN"] = token or text_of(self.root, TOKENS).split()[-1]
        return run_inside(self.root, "bdd-lock", *words, env=env, check=check)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # unshare waits for its child and ends with it; the child is the server.
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        with open(children) as file:
            subprocess.run(["kill", "-TERM", *file.read().split()], check=True)
        out, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0, out


def test_a_package_is_installed_used_upgraded_removed_and_purged(debian):
    install_it(debian)
    use_it(debian)
    upgrade_it(debian)
    remove_it(debian)
    install_it_again(debian)
    purge_it(debian)


def install_it(root):
    apt(root, "install", DEB)
    user = run_inside(root, "getent", "passwd", "bdd-lock").stdout.strip().split(":")
    assert user[5] == "/var/lib/bdd-lock" and user[6].endswith("nologin")
    assert 0 < int(user[2]) < 1000
    assert facts(root, "/etc/bdd-lock") == "root:bdd-lock 750"
    assert facts(root, TOKENS) == "root:bdd-lock 640"
    assert len(text_of(root, TOKENS).strip()) == 32
    assert facts(root, CONFIG) == "root:root 644"
    assert (root / WANTED_BY.lstrip("/")).is_symlink()
    assert run_inside(root, "bdd-lock", "version").stdout.startswith("bdd-lock ")
    assert run_inside(root, "dpkg", "--verify", "bdd-lock").stdout == ""
    assert (root / "usr/share/man/man1/bdd-lock.1.gz").exists()
    for shell, path in COMPLETIONS.items():
        assert text_of(root, path) == run_inside(root, "bdd-lock", "completion", shell).stdout


def use_it(root):
    with Service(root) as service:
        service.client("create", "testStack2192")
        assert service.client("claim").stdout == "testStack2192\n"
        assert facts(root, TABLE) == "bdd-lock:bdd-lock 600"
        # The token is rotated without a restart: both, then the new one only.
        (old,) = text_of(root, TOKENS).split()
        (root / TOKENS.lstrip("/")).write_text("another-token-of-ours\n")
        until = time.monotonic() + PATIENCE_SECONDS
        while service.client("list", token="another-token-of-ours", check=False).returncode != 0:
            assert time.monotonic() < until, "the new token was never taken"
            time.sleep(0.1)
        assert service.client("list", token=old, check=False).returncode == 77


def upgrade_it(root):
    config = root / CONFIG.lstrip("/")
    config.write_text(config.read_text() + "\nexpiry-seconds = 3600\n")
    run_inside(root, "dpkg", "-i", DEB)
    assert "expiry-seconds = 3600\n" in config.read_text()
    assert text_of(root, TOKENS) == "another-token-of-ours\n"


def remove_it(root):
    apt(root, "remove", "bdd-lock")
    assert not (root / "usr/bin/bdd-lock").exists()
    for kept in (CONFIG, TOKENS, TABLE):
        assert (root / kept.lstrip("/")).exists(), kept


def install_it_again(root):
    apt(root, "install", DEB)
    assert text_of(root, TOKENS) == "another-token-of-ours\n"
    with Service(root) as service:
        assert "testStack2192" in service.client("list").stdout


def purge_it(root):
    apt(root, "purge", "bdd-lock")
    left = run_inside(root, "find", "/etc", "/usr", "/var", "-xdev", "-name", "*bdd-lock*").stdout.split()
    assert left == []
    assert run_inside(root, "dpkg-query", "-W", "bdd-lock", check=False).returncode != 0


def test_lintian_finds_nothing(package):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", str(package)],
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
