"""The title of the tune that sounds, from what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def title(facts: Mapping[str, Any]) -> str:
    """Return the facts in words, such as `folk: jig in E minor, 6/8, 112 bpm`."""
    tune = " ".join(
        filter(None, (facts.get("kind"), f"in {facts['key']}" if "key" in facts else ""))
    )
    tempo = f"{facts['tempo']} bpm" if "tempo" in facts else ""
    words = ", ".join(filter(None, (tune, facts.get("meter"), tempo)))
    return ": ".join(filter(None, (facts.get("style"), words)))
