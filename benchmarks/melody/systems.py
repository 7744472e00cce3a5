"""The systems of the comparison: what each is, and what the poster has of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stream.errors import SettingsError

LOSS, RIGHT, MATCH = "log_loss", "one_step_accuracy", "free_run_match_32"
LIKELIEST = f"{MATCH}, likeliest"
"""The same, always going on by the likeliest class instead of a sampled one."""
HARMONY = "harmony_match"
"""The share of segments whose chord is the tune's, where the net knows the melody alone."""
SHARE = "share_of_variants"
"""Of the segments asked for, those of tunes with a variant among the learnt ones."""
ORDERS = range(1, 9)
SMOOTHING = 0.1
"""c of add-c: of 1, 0.1, 0.01 and 0.001 the best for the log-loss of almost all orders (valid)."""
WITTEN_BELL, PPM = 4, 12
"""Orders, likewise."""


@dataclass(frozen=True, slots=True)
class System:
    """A row."""

    name: str
    title: str
    kind: str
    """`counted`, `chords` and `variants` (counted as well), `window` or `tune`."""
    plan: Mapping[str, Any] = field(default_factory=dict)
    """Options of `WindowPlan`, or of `TuneConfig`."""
    poster: Mapping[str, str] = field(default_factory=dict)
    """Its figures by `measure/split`; an accuracy stands beside both measures it may be."""

    @property
    def seeded(self) -> bool:
        """Whether another seed gives another model, or another split."""
        return self.kind in {"window", "tune", "variants"}


def accuracy(train: str, test: str) -> dict[str, str]:
    """The poster's accuracies."""
    return {
        f"{measure}/{split}": figure
        for measure in (RIGHT, MATCH)
        for split, figure in (("train", train), ("test", test))
    }


SYSTEMS = {
    system.name: system
    for system in (
        System("random", "random", "counted", poster=accuracy(".024", ".024")),
        *(
            System(
                f"{n}-gram", f"{n}-gram, add-c", "counted",
                poster=accuracy(".369", ".315") if n == 3 else {},
            )
            for n in ORDERS
        ),
        System("witten-bell", f"{WITTEN_BELL}-gram, Witten-Bell", "counted"),
        System("ppm", "PPM", "counted"),
        System("ppm-tune", "PPM, whole tune", "counted"),
        System("by-tune", "PPM, split by tune", "variants"),
        System("rnn", "RNN (tanh)", "window", {"cell": "rnn", "rate": 1e-3}),
        System(
            "lstm", "LSTM", "window", {"cell": "lstm"},
            poster={f"{LOSS}/train": ".7460", **accuracy(".766", ".588")},
        ),
        System("intervals", "LSTM, intervals", "window",
               {"cell": "lstm", "view": "interval", "hidden": 256, "moved": 0.1}),
        System("carried", "LSTM, whole tune", "tune", {"recall": 0}),
        System("recalling", "LSTM, whole tune, recall", "tune"),
        System("chord", "most frequent chord", "chords"),
        System("chord-again", "chord before, again", "chords"),
        System("chord-n-gram", "chord n-gram", "chords"),
    )
}  # fmt: skip
"""By name, in the order of the table."""


def chosen(names: list[str]) -> list[System]:
    """These systems in the order of the table; `SettingsError` for a name that is none."""
    for name in names:
        if name not in SYSTEMS:
            raise SettingsError(f"--systems {name}: must be among {', '.join(SYSTEMS)}")
    return [system for system in SYSTEMS.values() if system.name in names]
