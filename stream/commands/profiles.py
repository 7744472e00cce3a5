"""`perpetuum profiles`: list the synthesizers that the program knows."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from stream.profiles.profile import load, names
from stream.util.console import say

if TYPE_CHECKING:
    from stream.profiles.profile import Profile


def run(args: argparse.Namespace) -> int:
    """Print one line for each profile with the name for `--profile`, or JSON with all facts."""
    profiles = {name: load(name) for name in names()}
    if args.json:
        facts = [{"profile": name} | asdict(profile) for name, profile in profiles.items()]
        say(json.dumps(facts))
        return 0
    width = max(map(len, profiles))
    for name, profile in profiles.items():
        say(f"{name:{width}}  {profile.maker} {profile.name}: {_summary(profile)}")
    return 0


def _summary(profile: Profile) -> str:
    voices = {None: "any number of voices", 1: "one voice"}
    facts = [
        f"channel {profile.channel}",
        f"notes {profile.low}-{profile.high}",
        voices.get(profile.polyphony, f"{profile.polyphony} voices"),
        f"{len(profile.cc)} controllers",
    ]
    return ", ".join(facts)
