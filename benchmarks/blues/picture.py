"""The picture of the page: right and wrong chord notes, and one chorus of the voice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.blues.stream import Band
from benchmarks.support.colors import BLUE, VERMILION
from export.blues.forms import BAR, CHORUS, HALF
from export.papers.lstm_blues import song
from stream.compose.step import Step

SHOWN = 24
"""Number of choruses in the picture."""
INK = "#1f2937"


def draw(out: Path, voice: Path | None, path: Path) -> None:
    """Write the picture of the notes stored in `out`, and of the voice, if there is one."""
    drawing = Figure(figsize=(11, 9), layout="constrained")
    axes = drawing.subplots(3, 1, height_ratios=(1, 1, 1.6))
    titles = {"chords": "LSTM, 8 cells", "plain-8": "tanh RNN, 8 units"}
    for axis, (name, title) in zip(axes, titles.items(), strict=False):
        if (out / f"{name}.npz").is_file():
            with np.load(out / f"{name}.npz", allow_pickle=False) as archive:
                _faults(axis, archive["steps"], title)
    if voice:
        _roll(axes[2], Band(Step(voice), "jazz", 1, 3).chorus()[:, 0])
    drawing.savefig(path, dpi=120)


def _faults(axis: Axes, steps: NDArray[np.bool_], title: str) -> None:
    """Draw a row for each chorus: how many of the twelve notes are wrong at each step."""
    chords = steps[: SHOWN * song.CHORUS, :12].reshape(-1, song.CHORUS, 12)
    wrong = (chords != song.chords().astype(bool)).sum(-1)
    axis.imshow(wrong, aspect="auto", cmap="Reds", vmin=0, vmax=6, interpolation="nearest")
    axis.set_title(f"{title}: wrong chord notes in free play (white: none)", fontsize=10)
    axis.set_xticks(range(0, song.CHORUS, song.STEPS), range(1, song.BARS + 1))
    axis.set_xlabel("bar of the form", fontsize=9)
    axis.set_ylabel("chorus", fontsize=9)


def _roll(axis: Axes, frames: NDArray[np.int64]) -> None:
    """Draw one chorus of three parts: chords as bands, melody and bass as notes."""
    for head, color in ((0, VERMILION), (2, BLUE)):
        onsets = np.flatnonzero(frames[:, head])
        for begin, end in zip(onsets, [*onsets[1:], CHORUS], strict=True):
            if frames[begin, head] > 1:
                axis.plot([begin, end - 0.4], [frames[begin, head] + 19] * 2, color=color, lw=3,
                          solid_capstyle="butt")  # fmt: skip
    changes = np.flatnonzero(np.diff(frames[:, 1], prepend=-1))
    for i, begin in enumerate(changes):
        end = changes[i + 1] if i + 1 < len(changes) else CHORUS
        axis.axvspan(begin, end, color="#f3f4f6" if i % 2 else "#e5e7eb", lw=0)
        axis.text(begin + HALF / 8, 88, _name(int(frames[begin, 1])), fontsize=8, color=INK)
    axis.set_ylim(24, 92)
    axis.set_xlim(0, CHORUS)
    axis.set_xticks(range(0, CHORUS, BAR), range(1, CHORUS // BAR + 1))
    axis.set_title("The voice, jazz: melody, chords and bass of one chorus", fontsize=10)
    axis.set_xlabel("bar", fontsize=9)
    axis.set_ylabel("MIDI note", fontsize=9)


def _name(chord: int) -> str:
    roots = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
    endings = {2: "7", 3: "m7", 6: "°7", 7: "ø7"}
    quality, root = divmod(chord - 1, 12)
    return roots[root] + endings.get(quality, "")
