"""The chorale voice: nats per token of each part, and its voice leading beside Bach's.

    python -m benchmarks.music.chorale --satb PATH [--voice chorale]

Protocol of the likelihoods: the grid is a sixteenth. A frame is four tokens, one for each part (a
pitch or silence); a held note repeats its pitch, and there is no token for holding. Each chorale
begins in the start state and in its own key, and its first frame counts. Neither the closing tag
nor the mode is given, as both depend on later frames. The parts are measured on the weights of the
voice in PyTorch, whole frames also on the voice itself, by its `force` inputs.

Bach's chorales of the valid and test splits are compared with as many freely sampled by the voice:
whole distributions, no filter, each with the length, the mode and the closing tags of one of
Bach's. They are also compared with `--tunes` tunes as the stream composes them, filter and forms
included. Faults are counted in whole chorales: crossed voices as a share of the frames, notes
beyond the range of their part as a share of the notes, parallel fifths and octaves per 100 changes
of chord.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import torch

from benchmarks import script
from benchmarks.record import Record, publish
from export.chorale.batches import Score, score_of, untagged
from export.chorale.from_voice import model_of
from export.chorale.likelihood import measured
from export.corpus.satb import PARTS, Frames, held_out, read_satb
from export.models.polyphony.chorale import Chorale
from stream.compose.composer import Composer
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.step import Point, Step
from stream.music.note import Controls
from stream.music.stream_position import StreamPosition
from stream.voices.spec import find_voice

NAME = "chorale"
UNITS = {
    "chord_change_entropy": "bits", "chord_entropy": "bits", "density": "notes/frame",
    "voice_leading": "semitones", "parallels": "/100 changes",
}  # fmt: skip


def likelihoods(model: Chorale, split: str, chorales: Sequence[Frames]) -> list[Record]:
    """Return nats per token of each part, their mean, and nats per frame, on one split."""
    where, scores = f"jsb 16th/{split}", [score_of(c) for c in chorales]
    found = measured(model, [untagged(s) for s in scores])
    rows = [
        (f"{part}, nats per token", nats) for part, nats in zip(PARTS, found.parts, strict=True)
    ]
    rows += [("mean of the parts, nats per token", found.token), ("nats per frame", found.frame)]
    rows.append(("mean of the parts, mode and closing told", measured(model, scores).token))
    return [
        Record("weights of the voice", where, name, "nats", round(value, 5), n=found.frames)
        for name, value in rows
    ]


def played(step: Step, split: str, chorales: Sequence[Frames]) -> Record:
    """Return nats per frame of the exported voice on real chorales."""
    lengths = np.array(list(map(len, chorales)))
    frames = padded(chorales)
    silence = np.zeros((len(chorales), step.spec.noise), np.float32)
    untagged_point = Point(
        *(np.zeros((len(chorales), n), np.float32) for n in (step.spec.latent, 3))
    )
    state, nats = step.initial().tiled(len(chorales)), 0.0
    for t, frame in enumerate(frames):
        event = step(state, untagged_point, silence, frame)
        state = event.state
        nats -= float(event.log_prob[t < lengths].sum(dtype=np.float64))
    total = int(lengths.sum())
    return Record("chorale, voice", f"jsb 16th/{split}", "nats per frame", "nats",
                  round(nats / total, 5), n=total)  # fmt: skip


def sampled(step: Step, scores: Sequence[Score], seed: int = 1) -> list[Frames]:
    """Sample a chorale for each score, with its length and its tags."""
    rng, k = np.random.default_rng(seed), len(scores)
    tags = padded([score.tags for score in scores])
    state, rows = step.initial().tiled(k), []
    for style in tags:
        where = Point(np.zeros((k, step.spec.latent), np.float32), style)
        state = step(state, where, rng.random((k, step.spec.noise), np.float32)).state
        rows.append(state.token)
    frames = np.stack(rows, 1)
    return [frames[i, : len(score)] for i, score in enumerate(scores)]


def padded(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Return the rows side by side, padded by zeros, [T, rows, ...]."""
    out = np.zeros((max(map(len, rows)), len(rows), *rows[0].shape[1:]), rows[0].dtype)
    for i, row in enumerate(rows):
        out[: len(row), i] = row
    return out


def composed(voice: Path, tunes: int) -> tuple[list[Frames], float]:
    """Return whole tunes of the stream, and the share of phrases without a passing candidate."""
    composer, position = Composer(voice), StreamPosition(1, Controls(candidates=8))
    parts: list[list[Frames]] = [[] for _ in range(tunes)]
    broken = phrases = 0
    while position.tune < tunes:
        tune = position.tune
        phrase = composer.compose(position.request)
        count = phrase.length // CHORALE.ticks
        parts[tune].append(CHORALE.encode(phrase.notes, count))
        phrases += 1
        broken += any(not rule.passed for rule in phrase.verdict.rules)
        position = position.after(phrase)
    return [np.concatenate(p) for p in parts if p], broken / phrases


def faults(system: str, where: str, chorales: Sequence[Frames]) -> list[Record]:
    """Return mean and standard deviation of every feature over chorales."""
    rows = [CHORALE.features(c) for c in chorales]
    found = []
    for name in CHORALE.feature_names:
        values = [row[name] for row in rows]
        found.append(
            Record(system, where, name, UNITS.get(name, ""), round(fmean(values), 5),
                   round(stdev(values), 5), len(values))
        )  # fmt: skip
    return found


def records(args: argparse.Namespace) -> list[Record]:
    """Return the likelihoods, and the voice leading."""
    pieces = read_satb(args.satb)
    real = {split: held_out(pieces, split) for split in ("valid", "test")}
    voice = find_voice(args.voice)
    model = model_of(voice)
    step, found = Step(voice), []
    for split, chorales in real.items():
        found += [*likelihoods(model, split, chorales), played(step, split, chorales)]
    bach = [c for chorales in real.values() for c in chorales]
    found += faults("Bach", "valid and test", bach)
    found += faults("voice, sampled", "whole chorales", sampled(step, list(map(score_of, bach))))
    if args.tunes > 1:
        tunes, broken = composed(voice, args.tunes)
        found += faults("voice, composed", "tunes, K = 8", tunes)
        found.append(Record("voice, composed", "phrases, K = 8", "broke a rule", "", broken))
    return found


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--satb", type=Path, required=True)
    parser.add_argument("--voice", default=NAME)
    parser.add_argument("--tunes", type=int, default=40)
    args = parser.parse_args()
    torch.set_num_threads(1)
    publish(NAME, records(args))


if __name__ == "__main__":
    main()
