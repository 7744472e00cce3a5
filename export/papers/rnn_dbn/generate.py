"""Sample an RBM-based model: `python -m export.papers.rnn_dbn.generate BEST.npz --out x.mid`.

A key that sounds in successive frames is one held note: in a roll repeated notes look the same.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import mido
import numpy as np
import torch

from export.command_line import run
from export.corpus.rolls import Roll
from export.models.polyphony.frame_model import LOWEST
from export.models.polyphony.rbm import RBM
from export.papers.rnn_dbn.estimates import load_model
from stream.errors import SettingsError

VELOCITY = 80
TICKS = 240
"""Ticks of a frame: an eighth note."""


@torch.no_grad()
def generate(model: RBM, frames: int, generator: torch.Generator, column: int = 0) -> Roll:
    """Return a roll of so many frames from the initial state, for the set of that column."""
    tags = torch.zeros(1, max(len(model.config.sets), 1))
    tags[0, column] = 1
    state, played = model.begin(tags), []
    for _ in range(frames):
        v = model.sample(state, torch.rand(1, model.noise, generator=generator))
        state = model.advance(model.hear(v), state)
        played.append(v[0] > 0)
    return torch.stack(played).numpy()


def as_midi(roll: Roll) -> mido.MidiFile:
    """Return the roll as one track of held notes."""
    file = mido.MidiFile(ticks_per_beat=2 * TICKS)
    track, now = file.add_track(), 0
    edges = np.diff(np.pad(roll.astype(np.int8), ((1, 1), (0, 0))), axis=0)
    for t, key in np.argwhere(edges):
        kind = "note_on" if edges[t, key] > 0 else "note_off"
        wait = int(t) * TICKS - now
        track.append(mido.Message(kind, note=LOWEST + int(key), velocity=VELOCITY, time=wait))
        now += wait
    return file


def main(argv: list[str] | None = None) -> int:
    """Write a MIDI file; exit code 2 after an error."""
    parser = argparse.ArgumentParser(
        prog="python -m export.papers.rnn_dbn.generate", description=__doc__
    )
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT.npz")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.mid")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    return run(lambda: _write(args))


def _write(args: argparse.Namespace) -> None:
    if args.frames < 1:
        raise SettingsError(f"--frames {args.frames}: must be 1 or more")
    model = load_model(args.checkpoint)
    roll = generate(model, args.frames, torch.Generator().manual_seed(args.seed))
    try:
        as_midi(roll).save(args.out)
    except OSError as error:
        raise SettingsError(f"--out {args.out}: cannot be written ({error.strerror})") from error


if __name__ == "__main__":
    sys.exit(main())
