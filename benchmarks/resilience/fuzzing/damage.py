"""Kinds of damage to any file: functions from good bytes to bad bytes.

All randomness comes from the given generator, so that a file can be made again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Damage = Callable[[bytes, random.Random], bytes]

INTEGERS = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
LENGTHS = (
    *(n.to_bytes(4, "big") for n in INTEGERS), *(n.to_bytes(4, "little") for n in INTEGERS),
    b"\x00", b"\x7f", b"\x80", b"\xff", b"\xff\xff\xff\x7f", b"\x80" * 9 + b"\x01", b"\xff" * 12,
)  # fmt: skip
WORDS = (
    b"0", b"-1", b"1e999", b"nan", b"NaN", b"Infinity", b"-0.0", b"9" * 400, b"9" * 5000, b"null",
    b"true", b"[]", b"{}", b'""', b"[" * 5000, b"0x" + b"f" * 5000, b'"\\u0000"', b'"\\ud800"',
    b"1e-400", b"[[[]]]", b"4294967296",
)  # fmt: skip


def flips(data: bytes, rng: random.Random) -> bytes:
    """Flip one to eight bits."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def bytes_changed(data: bytes, rng: random.Random) -> bytes:
    """Replace one to sixteen bytes."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 16)):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def truncated(data: bytes, rng: random.Random) -> bytes:
    """Return only the first part, or only the last."""
    at = rng.randrange(len(data))
    return data[:at] if rng.random() < 0.8 else data[at:]


def spliced(data: bytes, rng: random.Random) -> bytes:
    """Remove, repeat or move a piece."""
    a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    b = min(b, a + rng.choice((1, 8, 64, 4096)))
    at = rng.randrange(len(data) + 1)
    piece = data[a:b] * rng.choice((0, 1, 1, 2, 50))
    return data[:at] + piece + data[at:] if rng.random() < 0.6 else data[:a] + piece + data[b:]


def lengths(data: bytes, rng: random.Random) -> bytes:
    """Overwrite bytes by numbers that look like lengths."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        number, at = rng.choice(LENGTHS), rng.randrange(len(out))
        out[at : at + len(number)] = number
    return bytes(out)


def words(data: bytes, rng: random.Random) -> bytes:
    """Replace numbers and words of a text."""
    matches = list(re.finditer(rb"-?\d+(\.\d+)?|\"[^\"\n]*\"|[A-Za-z]+", data))
    for match in sorted(rng.sample(matches, min(rng.randint(1, 3), len(matches))), key=_start):
        data = data[: match.start()] + rng.choice(WORDS) + data[match.end() :]
    return data


def _start(match: re.Match[bytes]) -> int:
    return -match.start()
