"""Tunes of each way of sampling, stored on disk, so that an interrupted run goes on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.real.ablated import System
from benchmarks.music.real.neutral import UNIT, Neutral, of_events
from benchmarks.music.real.style_tunes import COMPOSED
from benchmarks.music.tunes import Tune, played
from benchmarks.support.resume import Facts, cached
from export.step_graph import to_onnx
from export.step_graph.leaning import with_lean
from export.training import checkpoint
from export.training.kinds import MELODIES
from stream.compose.melody.vocabulary import REST
from stream.errors import SettingsError
from stream.voices.spec import append_spec, corpus_filter, digest, load_bytes, read_spec

Tokens = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Composed:
    """One tune, and the work behind it."""

    number: int
    """Number among the tunes of its system, which has the same outline in every system."""
    tokens: Tokens
    """Tokens of the events [n, 3], rests included."""
    bar: int
    """Units in a bar."""
    candidates: int
    """Candidates that were composed for it."""
    new: int
    """Phrases for which candidates were composed."""
    passed: int
    """Phrases among these with a candidate that kept all rules."""

    @property
    def notes(self) -> int:
        return int((self.tokens[:, 0] != REST).sum())

    @property
    def neutral(self) -> Neutral:
        """Return the tune in the form in which it is judged."""
        return of_events(self.tokens, UNIT * self.bar, COMPOSED - self.number)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tunes that are composed: `tunes` in each of `streams` streams, which `seed` counts."""

    tunes: int
    streams: int
    seed: int
    runs: Path
    """Folder of the stored tunes."""


def composed(name: str, system: System, voice: Path, style: str, wanted: Wanted) -> list[Composed]:
    """Return the tunes of a system in a style, read again if they have been composed before."""
    request = {
        "voice": digest(voice), "system": repr(system), "style": style,
        "tunes": wanted.tunes, "streams": wanted.streams, "seed": wanted.seed,
    }  # fmt: skip
    slug = "-".join(word.strip(",.=") for word in name.split() if word.strip(",.="))
    path = wanted.runs / f"{style}-{slug}.json"
    found = cached(path, request, lambda: {"tunes": _composed(system, voice, style, wanted)})
    return [
        Composed(number, np.array(facts.pop("tokens"), np.int64), **facts)
        for number, facts in enumerate(map(dict, found["tunes"]))
    ]


def _composed(system: System, voice: Path, style: str, wanted: Wanted) -> list[Facts]:
    found = []
    for seed in range(wanted.seed, wanted.seed + wanted.streams):
        stream = played(system.composer(voice), seed, system.controls(style))
        found += [_facts(tune) for tune in islice(stream, wanted.tunes)]
    return found


def _facts(tune: Tune) -> Facts:
    new = [p.verdict for p in tune.phrases if p.verdict and p.verdict.candidates]
    return {
        "tokens": tune.tokens.tolist(),
        "bar": tune.phrases[0].bar // tune.unit,
        "candidates": sum(v.candidates for v in new),
        "new": len(new),
        "passed": sum(v.accepted > 0 for v in new),
    }


def unquantized(voice: Path, trained: Path, folder: Path) -> Path:
    """Write the voice with the fp32 graph of its checkpoint, and return its path.

    Raises `SettingsError` if the voice was made from another checkpoint.
    """
    model = checkpoint.load_model(trained, MELODIES)[1]
    fp32 = to_onnx.to_onnx(model)
    content = load_bytes(voice)
    if not content.startswith(with_lean(to_onnx.to_int8(fp32))):
        raise SettingsError(
            f"--checkpoint {trained}: not the one that voice {voice} was made from;"
            " give its averaged.npz"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fp32.onnx"
    path.write_bytes(append_spec(with_lean(fp32), read_spec(voice), corpus_filter(content)))
    return path
