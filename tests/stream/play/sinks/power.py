"""A disk that loses its power: which files may be there afterwards.

The calls of the system that write are noted, then played to a model. What was written since the
last sync may be on the disk or not, sector by sector, in any of its versions; a file's length and
name likewise.
"""

import itertools
import math
import os
from dataclasses import dataclass, field

SECTOR = 512
MOST_STATES = 24
"""More states of one moment than these are drawn, not listed."""


@dataclass
class Inode:
    content: bytearray = field(default_factory=bytearray)
    sectors: dict = field(default_factory=dict)
    sizes: list = field(default_factory=lambda: [0])

    def write(self, offset, data):
        for sector in range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1):
            blank = [bytes(SECTOR), b"\xa5" * SECTOR]  # a new sector may hold anything
            known = sector * SECTOR < len(self.content)
            self.sectors.setdefault(sector, [self._sector(sector)] if known else blank)
        self.content[offset : offset + len(data)] = data
        for sector in range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1):
            self.sectors[sector].append(self._sector(sector))
        self.sizes.append(len(self.content))

    def sync(self):
        self.sectors.clear()
        self.sizes = [len(self.content)]

    def images(self, random):
        """The contents that may be found."""
        choices = [self.sizes, *self.sectors.values()]
        if math.prod(map(len, choices)) <= MOST_STATES:
            drawn = itertools.product(*choices)
        else:
            drawn = ([random.choice(c) for c in choices] for _ in range(MOST_STATES))
        for size, *sectors in drawn:
            image = bytearray(self.content)
            image += bytes(-len(image) % SECTOR)
            for sector, data in zip(self.sectors, sectors, strict=True):
                image[sector * SECTOR : (sector + 1) * SECTOR] = data
            yield bytes(image[:size])

    def _sector(self, sector):
        data = bytes(self.content[sector * SECTOR : (sector + 1) * SECTOR])
        return data.ljust(SECTOR, b"\0")


class Calls:
    """Notes the calls; `fail_at` is the number of the one that fails, `short` cuts writes."""

    def __init__(self, patch, fail_at=None, error=None, short=None):
        self.log = []
        self._fail_at, self._error, self._short = fail_at, error, short
        self._pwrite, self._replace = os.pwrite, os.replace
        self._fdatasync, self._fsync = os.fdatasync, os.fsync
        for name in ("pwrite", "replace", "fdatasync", "fsync"):
            patch.setattr(os, name, getattr(self, name))

    def pwrite(self, file, data, offset):
        if self._short:
            data = data[: self._short]
        self._note("write", os.fstat(file).st_ino, offset, bytes(data))
        return self._pwrite(file, data, offset)

    def fdatasync(self, file):
        self._note("sync", os.fstat(file).st_ino)

    def fsync(self, file):
        self._note("sync names")

    def replace(self, draft, path):
        self._note("replace", draft.stat().st_ino)
        self._replace(draft, path)

    def _note(self, *call):
        if len([c for c in self.log if c[0] != "kept"]) == self._fail_at:
            self._fail_at = None
            raise self._error
        self.log.append(call)


def states(log, old, random):
    """(parts that are kept for sure, what the file holds) for each state after each call.

    `old` is what the file held before, or None. A call ("kept", n) says that n parts are safe.
    """
    inodes, names, kept = {}, [None], 0
    yield kept, old
    for call, *arguments in log:
        match call, arguments:
            case "write", (inode, offset, data):
                inodes.setdefault(inode, Inode()).write(offset, data)
            case "sync", (inode,):
                inodes[inode].sync()
            case "replace", (inode,):
                names.append(inode)
            case "sync names", ():
                names = names[-1:]
            case "kept", (count,):
                kept = count
        for name in names:
            for image in [old] if name is None else inodes[name].images(random):
                yield kept, image
