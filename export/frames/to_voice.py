"""Make a voice of a model of frames: `python -m export.frames.to_voice BEST.npz OUT.onnx …`.

A chorale takes `--satb PATH`, the others `--set NAME=PATH` once for each set they were trained on:
the archives of the training give the styles their forms and bounds, and the validation sets. A set
in quarters rather than eighths is named by `--quarters NAME`: its style is played so. The
report tells whether the exported step still is the trained model.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.chorale.step import ChoraleStep
from export.corpus.rolls import load_rolls
from export.corpus.satb import held_out, mode_of, read_satb
from export.frames import parity, styles
from export.frames.parity import FrameParity
from export.frames.step import POSITION, FrameStep
from export.rolls.roll_steps import step_of
from export.to_voice import pipeline
from export.to_voice.pipeline import PRECISIONS, Figure, VoiceKind
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.training.kinds import CHORALES, FRAMES
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.kind import FrameKind
from stream.compose.polyphony.roll_frames import PIANOROLL, listed
from stream.errors import CorpusError, SettingsError
from stream.music.note import TICKS_PER_BEAT
from stream.voices.spec import StyleSpec, VoiceSpec

BACH = "bach"
"""Style of a chorale."""
KINDS: Mapping[str, FrameKind] = {"chorale": CHORALE, "pianoroll": PIANOROLL}


@dataclass(frozen=True, slots=True)
class Source:
    """A trained model as a step, and the pieces that its styles are made of."""

    step: FrameStep
    sizes: dict[str, float | str]
    train: Mapping[str, Sequence[Ints]]
    valid: Mapping[str, Sequence[Ints]]
    modes: Mapping[str, float]
    epochs: int
    quarters: Sequence[str] = ()
    """Sets whose frames are quarters."""

    def grid(self, name: str) -> styles.Grid:
        """Return the grid of a set's pieces."""
        kind = KINDS[self.step.shape.kind]
        in_quarters = kind.for_unit(TICKS_PER_BEAT) if name in self.quarters else kind
        return styles.four_quarters(in_quarters)


def chorale(path: Path, satb: Path) -> Source:
    """Load a chorale model and the archive that it was trained on."""
    trained, model = checkpoint.load_model(path, CHORALES)
    pieces = read_satb(satb)
    valid = held_out(pieces, "valid")
    modes = Counter(filter(None, map(mode_of, pieces["train"])))
    shares = {mode: round(n / modes.total(), 4) for mode, n in modes.most_common()}
    return Source(
        ChoraleStep(model), sizes_of(trained), {BACH: pieces["train"]}, {BACH: valid},
        shares or {"major": 1.0}, trained.progress["epochs"],
    )  # fmt: skip


def pianoroll(path: Path, sets: Sequence[str], quarters: Sequence[str] = ()) -> Source:
    """Load a model of piano rolls and the sets that it was trained on, a style each."""
    trained, model = checkpoint.load_model(path, FRAMES)
    rolls = load_rolls(sets)
    unknown = {r.name for r in rolls} - set(model.config.sets)
    if model.config.sets and unknown:
        raise CorpusError(
            f"--set {min(unknown)}: the checkpoint knows {', '.join(model.config.sets)}"
        )
    if strange := set(quarters) - {r.name for r in rolls}:
        raise SettingsError(f"--quarters {min(strange)}: no --set has this name")
    train, valid = (
        {r.name: [listed(roll) for roll in r.split(split)] for r in rolls}
        for split in ("train", "valid")
    )
    return Source(
        step_of(model), sizes_of(trained), train, valid, {"major": 1.0},
        trained.progress["epochs"], quarters,
    )  # fmt: skip


def sizes_of(trained: Checkpoint) -> dict[str, float | str]:
    """Return the kind, and the numbers and words of its configuration; switches are 0 or 1."""
    fields = {"family": trained.kind, **dataclasses.asdict(trained.config)}.items()
    plain = {k: v for k, v in fields if isinstance(v, int | float | str)}
    return {k: int(v) if isinstance(v, bool) else v for k, v in plain.items()}


def spec_of(name: str, step: FrameStep, described: Mapping[str, StyleSpec]) -> VoiceSpec:
    """Return the description of a polyphonic voice."""
    shape = step.shape
    return VoiceSpec(
        name=name,
        kind=shape.kind,
        heads=shape.heads,
        states=(*shape.states, POSITION),
        latent=0,
        tags=shape.tags,
        styles=described,
        credits=(),
        noise=shape.noise,
    )


class FrameVoice(VoiceKind):
    """A voice of frames: what chorales, piano rolls, lead sheets and blues share."""

    step: FrameStep
    styles: Mapping[str, StyleSpec]
    held: Sequence[Ints]
    """Pieces [T, M] of the validation set."""
    tags: NDArray[np.float32] | None = None
    """Tags [pieces, S] of the validation set; None: none."""
    sizes: Mapping[str, float | str]
    epochs: int
    ticks = 0

    def graphs(self) -> tuple[bytes, bytes]:
        return parity.graphs(self.step)

    def compare(self, fp32: bytes, int8: bytes) -> FrameParity:
        return parity.compare(self.step, fp32, int8, self.held, self.tags)

    def spec(self, name: str, report: FrameParity) -> VoiceSpec:
        nats = report.int8_nats if self.precision == "int8" else report.fp32_nats
        quality = {"valid_nats_per_frame": round(nats, 4), "epochs": self.epochs}
        plain = spec_of(name, self.step, self.styles)
        return dataclasses.replace(plain, quality=quality, model=self.sizes, ticks=self.ticks)

    def figures(self, report: FrameParity) -> list[Figure]:
        free, notes = f"{report.steps} frames of free play", "validation set"
        tokens, frames = report.tokens, sum(map(len, self.held))
        return [
            (free, "tokens alike, torch and ONNX fp32", "", report.same_tokens / tokens, tokens,
             "1"),
            (free, "log-probability, largest error", "nats", report.log_prob_error, tokens,
             "at most 1e-4"),
            (notes, "ONNX fp32", "nats/frame", report.fp32_nats, frames, None),
            (notes, "ONNX int8", "nats/frame", report.int8_nats, frames, "fp32 ± 1 %"),
        ]  # fmt: skip


class RollVoice(FrameVoice):
    """A chorale, or piano rolls."""

    program = "export.frames.to_voice"

    def __init__(self, args: argparse.Namespace) -> None:
        if bool(args.satb) == bool(args.set):
            raise SettingsError("give either --satb PATH, for a chorale, or --set NAME=PATH")
        if args.satb:
            source = chorale(args.checkpoint, args.satb)
        else:
            source = pianoroll(args.checkpoint, args.set, args.quarters)
        self.precision, self.step, self.sizes = args.precision, source.step, source.sizes
        self.epochs = source.epochs
        grid = styles.four_quarters(KINDS[self.step.shape.kind])
        self.corpus = styles.corpus_table(grid, [p for own in source.train.values() for p in own])
        self.styles = {
            name: styles.style(
                source.grid(name), own, source.valid[name], source.modes, self.corpus
            )
            for name, own in source.train.items()
        }
        self.held = [piece for own in source.valid.values() for piece in own]

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--satb", type=Path, metavar="PATH")
        parser.add_argument("--set", action="append", metavar="NAME=PATH")
        parser.add_argument(
            "--quarters", action="append", default=[], metavar="NAME",
            help="a set whose frames are quarters; others are in eighths",
        )  # fmt: skip
        parser.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0])


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    return pipeline.run(RollVoice, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
