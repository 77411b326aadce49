"""Commands in another root directory, each in a mount namespace of its own: nothing stays mounted."""

import subprocess

from server import ROOT, clean_environment

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def make_debian_root(folder, codename="bookworm", packages=()):
    subprocess.run([ROOT / "tools" / "debian-root", codename, folder, *packages], check=True)


def inside(root, *command, mounts="mount -t proc proc \"$root/proc\"", user=None):
    """The words that run a command in `root`, after the lines of sh in `mounts`. `user`: "UID:GID"."""
    as_user = f"--userspec={user} " if user else ""
    script = f'set -e; root=$1; shift; {mounts}; exec chroot {as_user}"$root" "$@"'
    return ["unshare", "--mount", "--fork", "--kill-child", "sh", "-c", script, "sh", str(root), *command]


def run_inside(root, *command, env=None, check=True, **more):
    full = {**clean_environment(), "PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive", **(env or {})}
    done = subprocess.run(inside(root, *command, **more), env=full, capture_output=True, text=True, timeout=300)
    if check:
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done
