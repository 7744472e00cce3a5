"""A power cut during a recording on a real ext4; needs root, mkfs.ext4 and loop devices.

`EXT4_IOC_SHUTDOWN` ends a mounted file system as a power cut does: data that is only in memory no
longer reaches the disk
(https://github.com/torvalds/linux/blob/master/include/uapi/linux/ext4.h). Mounted again, it
replays its journal.
"""

import contextlib
import errno
import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
import time

import pytest

from tests.stream.conftest import DATA
from tests.stream.play.sinks.strict import forgiving, strict

EXT4_IOC_SHUTDOWN, WITHOUT_JOURNAL_FLUSH = 0x8004587D, 2
CUTS = 40
RECORDER = [sys.executable, str(DATA / "record_endless.py")]

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("mkfs.ext4"), reason="needs root and mkfs.ext4"
)


class Disk:
    """An ext4 file system of 16 MiB in a file."""

    def __init__(self, folder):
        self._image, self.folder = folder / "disk.img", folder / "disk"
        self.folder.mkdir()
        with self._image.open("wb") as file:
            file.truncate(16 * 2**20)
        subprocess.run(["mkfs.ext4", "-q", self._image], check=True)

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self._image, self.folder], check=True)

    def unmount(self):
        subprocess.run(["umount", self.folder], check=True)

    def cut_power(self):
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_JOURNAL_FLUSH))
        except OSError as error:
            if error.errno in {errno.ENOTTY, errno.EOPNOTSUPP}:
                pytest.skip("this kernel has no EXT4_IOC_SHUTDOWN")
            raise
        finally:
            os.close(folder)


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path)
    yield disk
    if os.path.ismount(disk.folder):
        disk.unmount()


@contextlib.contextmanager
def recorder(path):
    environment = {**os.environ, "PYTHONPATH": str(DATA.parents[1])}
    with subprocess.Popen([*RECORDER, path], stdout=subprocess.PIPE, env=environment) as child:
        try:
            yield child.stdout
        finally:
            child.kill()


def recorded_until_the_cut(disk, path, notes, wait):
    """Cut the power, and return the time of the last announced note (s)."""
    with recorder(path) as output:
        data = b""
        while len(data) < 8 * notes:
            data += os.read(output.fileno(), 4096)
        time.sleep(wait)
        os.set_blocking(output.fileno(), False)
        with contextlib.suppress(BlockingIOError):
            while more := os.read(output.fileno(), 2**16):
                data += more
        disk.cut_power()
    return struct.unpack_from("d", data, len(data) // 8 * 8 - 8)[0]


def test_a_power_cut_costs_less_than_five_seconds(disk):
    draw, found = random.Random(9), 0
    for cut in range(CUTS):
        disk.mount()
        path = disk.folder / f"{cut}.mid"
        last = recorded_until_the_cut(disk, path, draw.randrange(1, 2000), draw.uniform(0, 0.02))
        disk.unmount()
        disk.mount()
        image = path.read_bytes() if path.exists() else None
        disk.unmount()
        if image is None:
            assert last < 5
            continue
        found += 1
        for events, end in (strict(image), forgiving(image)):
            played = range(len(events))
            assert events == [(240 * step, bytes([0x90, step % 128, 80])) for step in played]
            assert last - end / 960 < 5
    assert found > CUTS / 2
