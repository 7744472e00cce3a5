"""The parts that an output plays: `port:Volca=bass`, `osc:127.0.0.1:9001=harmony,drums`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.errors import SettingsError
from stream.music.part import ROLES
from stream.util.suggestion import did_you_mean, meant

if TYPE_CHECKING:
    from collections.abc import Iterable

ALL: frozenset[str] = frozenset()
"""No choice of parts: the output plays all of them."""
PATHS = ("file", "serial", "fluidsynth")
"""Kinds of outputs that name a path, in which `=` is a letter like any other."""


def split_parts(spec: str) -> tuple[str, frozenset[str]]:
    """Return the output without its parts, and the roles of its parts.

    The end of a path is only taken for parts if all its words are roles. Raises `SettingsError` for
    an unknown part of any other output.
    """
    output, equals, text = spec.rpartition("=")
    words = [meant(word.strip(), ROLES) for word in text.split(",")]
    unknown = [word for word in words if word not in ROLES]
    if not equals or (unknown and spec.partition(":")[0] in PATHS):
        return spec, ALL
    if unknown:
        raise SettingsError(
            f"--out {spec[:80]}: {unknown[0][:40]!r} is not a part; give some of"
            f" {', '.join(ROLES)}, such as {output[:80]}=bass,drums"
            f"{did_you_mean(unknown[0], ROLES)}"
        )
    return output, frozenset(words)


def with_parts(output: str, parts: frozenset[str]) -> str:
    """Return the output as `--out` names it, with its parts."""
    return f"{output}={','.join(role for role in ROLES if role in parts)}" if parts else output


def together(requests: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the parts of one output that was requested several times."""
    found = list(requests)
    return frozenset().union(*found) if all(found) else ALL
