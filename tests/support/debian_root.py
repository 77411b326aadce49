"""Commands in another root directory, each in a mount namespace of its own: nothing stays mounted."""

import subprocess
import time
from pathlib import Path

from server import PATIENCE_SECONDS, ROOT, clean_environment, proxy_settings

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def make_debian_root(folder, codename="bookworm", packages=()):
    subprocess.run([ROOT / "tools" / "debian-root", codename, folder, *packages], check=True)


def inside(root, *command, mounts="mount -t proc proc \"$root/proc\"", user=None):
    """The words that run a command in `root`, after the lines of sh in `mounts`. `user`: "UID:GID"."""
    as_user = f"--userspec={user} " if user else ""
    script = f'set -e; root=$1; shift; {mounts}; exec chroot {as_user}"$root" "$@"'
    return ["unshare", "--mount", "--fork", "--kill-child", "sh", "-c", script, "sh", str(root), *command]


def run_inside(root, *command, env=None, check=True, **more):
    full = {**clean_environment(), **proxy_settings(), "PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive", **(env or {})}
    done = subprocess.run(inside(root, *command, **more), env=full, capture_output=True, text=True, timeout=6000)
    if check:
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


BOOT = r"""
set -e
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/dev/shm"
if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
  mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
fi
# A root that was only changed, not pivoted to, could make no user namespace (PrivateUsers=).
cd "$root"
mkdir -p run/old
pivot_root . run/old
umount -l /run/old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --log-target=null
"""


class Machine:
    """A Debian root with its own systemd as process 1, in namespaces of its own, without a network but
    loopback. A context manager."""

    def __init__(self, root):
        self.root = root

    def run(self, *command, check=True, env=None):
        pairs = [f"{name}={value}" for name, value in (env or {}).items()]
        done = subprocess.run(
            ["nsenter", "--target", str(self.init), "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup",
             "--root", "--wd", "env", "-i", f"PATH={PATH}", "LANG=C.UTF-8", "HOME=/root",
             "DEBIAN_FRONTEND=noninteractive", *pairs, *command],
            capture_output=True, text=True, timeout=600)
        if check:
            assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def wait_for(self, what, seconds=2 * PATIENCE_SECONDS):
        until = time.monotonic() + seconds
        while not what():
            assert self.process.poll() is None, f"the machine ended: {self.process.stdout.read()}"
            assert time.monotonic() < until, self.run("systemctl", "status", "--no-pager", check=False).stdout
            time.sleep(0.1)

    def __enter__(self):
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child",
             "sh", "-c", BOOT, "sh", str(self.root)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
            self.wait_for(lambda: Path(children).read_text().strip())
            self.init = int(Path(children).read_text())
            self.wait_for(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip()
                          in ("running", "degraded"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
