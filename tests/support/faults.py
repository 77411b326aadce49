"""Things that go wrong below a server: a disk that is full, slow or broken."""

import contextlib
import os
import re
import resource
import signal
import subprocess
import tempfile
from pathlib import Path

from server import PATIENCE_SECONDS, wait_until


class SmallDisk:
    """A folder with room for one mebibyte: a tmpfs for root. A context manager."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.filler = self.folder / "filler"

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", self.folder], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def fill(self):
        with open(self.filler, "ab", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"\0" * 4096)

    def make_room(self):
        self.filler.unlink()


# Runs a program that a file size limit does not kill: a write meets it as EFBIG then.
WITHOUT_SIGXFSZ = ["/bin/sh", "-c", 'trap "" XFSZ; exec "$0" "$@"']


class FileSizeLimit:
    """The same for those who may not mount: no file of the server may grow past what it has now. The
    server runs by WITHOUT_SIGXFSZ."""

    def __init__(self, server):
        self.pid = server.process.pid
        self.largest = server.data_file

    def fill(self):
        files = self.largest.parent.glob(self.largest.name + "*")
        size = max(file.stat().st_size for file in files)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def make_room(self):
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def may_mount():
    if os.getuid() != 0:
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


HELD = "fdatasync,fsync:delay_enter=3600000000"  # each sync begins, and goes on when the meddling ends


@contextlib.contextmanager
def meddle(server, inject):
    """While it lasts, strace changes the server's system calls; `inject` is its language, such as
    "fdatasync:error=EIO:when=1" (the first one from now on). Gives a function that counts those that have
    begun."""
    calls = inject.partition(":")[0]
    handle, record = tempfile.mkstemp(prefix="strace-", dir=server.folder)
    os.close(handle)
    tracer = subprocess.Popen(
        ["strace", "-f", "-o", record, "-e", f"trace={calls}", "-e", f"inject={inject}",
         "-p", str(server.process.pid)], stderr=subprocess.PIPE, text=True)
    begins = re.compile(rf"\b({calls.replace(',', '|')})\(")
    try:
        wait_until(lambda: is_traced(server.process.pid) or tracer.poll() is not None, what="tracing")
        assert tracer.poll() is None, tracer.stderr.read()
        yield lambda: len(begins.findall(Path(record).read_text()))
    finally:
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=PATIENCE_SECONDS)


def is_traced(pid):
    threads = Path(f"/proc/{pid}/task").glob("*/status")
    return all("TracerPid:\t0\n" not in thread.read_text() for thread in threads)
