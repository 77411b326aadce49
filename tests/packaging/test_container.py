"""deploy/Dockerfile and deploy/compose.yml without a container engine: the last stage's instructions are
done by hand in an empty root, which is then used as Compose would use it (read-only, with a volume and a
secret), as the image's user."""

import json
import os
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from debian_root import inside
from server import PATIENCE_SECONDS, ROOT, TOKEN, binary, clean_environment, free_port

DEPLOY = ROOT / "deploy"
SECRET = "/run/secrets/bdd-lock-token"


def instructions():
    """[(stage, word, rest)]: the stage is the number of FROMs before."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found, stage = [], -1
    for line in lines:
        word, rest = line.split(None, 1)
        stage += word == "FROM"
        found.append((stage, word, rest))
    return found


class Image:
    """What the last stage makes: files in a directory, and how to start it."""

    def __init__(self, root):
        self.root = root
        self.env, self.volumes, self.ports = {}, [], []
        self.user = self.workdir = self.entrypoint = self.command = self.health = None
        last = max(stage for stage, _, _ in instructions())
        for stage, word, rest in instructions():
            if stage == last:
                getattr(self, "do_" + word.lower())(rest)

    def do_from(self, rest):
        assert rest == "scratch"

    def do_copy(self, rest):
        words = shlex.split(rest)
        flags = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
        source, target = (word for word in words if not word.startswith("--"))
        assert flags["from"] == "build"
        # What the first stage leaves there, as its RUN lines say.
        source = {"/source/build/release/bdd-lock": binary(), "/empty": None,
                  "/etc/ssl/certs/ca-certificates.crt": Path("/etc/ssl/certs/ca-certificates.crt")}[source]
        path = self.root / target.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if source is None:
            path.mkdir()
        else:
            shutil.copy(source, path)
        if "chmod" in flags:
            path.chmod(int(flags["chmod"], 8))
        if "chown" in flags:
            os.chown(path, *map(int, flags["chown"].split(":")))

    def do_env(self, rest):
        self.env.update(word.split("=", 1) for word in shlex.split(rest))

    def do_user(self, rest):
        self.user = rest

    def do_workdir(self, rest):
        self.workdir = rest

    def do_volume(self, rest):
        self.volumes.append(rest)

    def do_expose(self, rest):
        self.ports.append(int(rest))

    def do_stopsignal(self, rest):
        assert rest == "SIGTERM"

    def do_healthcheck(self, rest):
        self.health = json.loads(rest[rest.index("["):])

    def do_entrypoint(self, rest):
        self.entrypoint = json.loads(rest)

    def do_cmd(self, rest):
        self.command = json.loads(rest)


@pytest.fixture
def image(tmp_path):
    umask = os.umask(0o022)  # an engine's, not that of who runs the tests
    try:
        root = tmp_path / "root"
        root.mkdir()
        tmp_path.chmod(0o755)
        yield Image(root)
    finally:
        os.umask(umask)


class Container:
    def __init__(self, image, folder, secret=TOKEN):
        self.image = image
        self.secret = folder / "secret"
        self.secret.write_text(secret + "\n")
        self.secret.chmod(0o444)
        self.volume = folder / "volume"
        # A new volume takes what the image has at that place.
        covered = image.root / image.volumes[0].lstrip("/")
        if not self.volume.exists():
            shutil.copytree(covered, self.volume)
            os.chown(self.volume, covered.stat().st_uid, covered.stat().st_gid)
        (image.root / SECRET.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (image.root / SECRET.lstrip("/")).touch()
        # Only the port is another one, since the machine's may be taken.
        self.port = free_port()
        self.env = {**image.env, "BDD_LOCK_LISTEN": f"0.0.0.0:{self.port}",
                    "BDD_LOCK_ENDPOINT": f"http://127.0.0.1:{self.port}"}

    def command(self, *words):
        mounts = (f'mount --bind "$root" "$root"; mount -o remount,bind,ro "$root"; '
                  f'mount --bind "{self.volume}" "$root{self.image.volumes[0]}"; '
                  f'mount --bind "{self.secret}" "$root{SECRET}"')
        return inside(self.image.root, *words, mounts=mounts, user=self.image.user)

    def health(self):
        return subprocess.run(self.command(*self.image.health), env=self.environment(), capture_output=True,
                              text=True, timeout=PATIENCE_SECONDS)

    def environment(self):
        return {**self.env, "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

    def client(self, *words):
        env = clean_environment(BDD_LOCK_ENDPOINT=self.env["BDD_LOCK_ENDPOINT"], BDD_LOCK_AUTH_TOKEN=TOKEN)
        return subprocess.run([binary(), *words], env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS)

    def __enter__(self):
        self.process = subprocess.Popen(self.command(*self.image.entrypoint, *self.image.command),
                                        env=self.environment(), stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        until = time.monotonic() + PATIENCE_SECONDS
        while self.client("doctor").returncode not in (0, 77):
            assert self.process.poll() is None, self.process.stdout.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
            subprocess.run(["kill", "-TERM", *file.read().split()], check=True)
        out, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert self.process.returncode == 0, out


def test_the_image_serves_and_keeps_its_table_in_the_volume(image, tmp_path):
    with Container(image, tmp_path) as running:
        assert running.client("create", "testStack2192", "--repo", "r").returncode == 0
        health = running.health()
        assert health.returncode == 0, health.stdout + health.stderr
    table = running.volume / "bdd-lock.db"
    assert f"{table.stat().st_uid}:{table.stat().st_gid}" == image.user
    assert not any((image.root / "data").iterdir())
    with Container(image, tmp_path) as running:
        assert "testStack2192" in running.client("list").stdout


def test_the_health_check_sees_a_server_that_is_gone(image, tmp_path):
    with Container(image, tmp_path) as running:
        assert running.health().returncode == 0
    assert running.health().returncode != 0


def test_the_health_check_sees_a_secret_that_is_another(image, tmp_path):
    with Container(image, tmp_path) as running:
        running.env["BDD_LOCK_TOKEN_FILE"] = "/data/other"
        (running.volume / "other").write_text("other\n")
        assert running.health().returncode == 77


def test_it_runs_as_nobody_and_holds_only_what_it_needs(image):
    assert min(int(part) for part in image.user.split(":")) > 1000
    files = sorted(str(path.relative_to(image.root)) for path in image.root.rglob("*") if path.is_file())
    assert files == ["bdd-lock", "etc/ssl/certs/ca-certificates.crt"]
    assert image.workdir == image.volumes[0] == "/data"
    assert image.env["BDD_LOCK_AUTH_TOKEN_FILE"] == image.env["BDD_LOCK_TOKEN_FILE"] == SECRET


def test_the_health_check_asks_the_port_that_is_served(image):
    # The client's default endpoint is port 8080 of this machine.
    assert image.ports == [8080]
    assert image.env["BDD_LOCK_LISTEN"] == "0.0.0.0:8080"
    assert image.health[0] == image.entrypoint[0]


def test_the_first_stage_builds_what_run_builds():
    runs = " ".join(rest for stage, word, rest in instructions() if stage == 0 and word == "RUN")
    for step in ("tools/install-deps build", "cmake --preset release", "ninja -C build/release bdd-lock"):
        assert step in runs
        assert step.split()[0] in (ROOT / "run").read_text()
    for stage, word, rest in instructions():
        if stage == 0 and word == "COPY":
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    assert {"build", "data", ".git"} <= set(ignored)


@pytest.fixture
def compose():
    return yaml.safe_load((DEPLOY / "compose.yml").read_text())


def test_compose_fits_the_image(compose, image):
    service = compose["services"]["bdd-lock"]
    context = (DEPLOY / service["build"]["context"]).resolve()
    assert context == ROOT and (context / service["build"]["dockerfile"]).exists()
    assert service["volumes"] == [f"data:{image.volumes[0]}"] and "data" in compose["volumes"]
    assert service["ports"] == [f"127.0.0.1:8080:{image.ports[0]}"]
    [secret] = service["secrets"]
    assert f"/run/secrets/{secret}" == SECRET
    assert compose["secrets"][secret] == {"file": "./secrets/bdd-lock-token"}


def test_compose_closes_the_container(compose):
    service = compose["services"]["bdd-lock"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["stop_grace_period"].rstrip("s")) > 10
    assert "environment" not in service, "a token has no place in the environment of a container"
