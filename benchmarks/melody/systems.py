"""The systems of the comparison, with their options and the poster's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOSS, RIGHT, MATCH = "log_loss", "one_step_accuracy", "free_run_match_32"
LIKELIEST = f"{MATCH}, likeliest"
"""The same measure with the likeliest class instead of a sampled one in each step."""
HARMONY = "harmony_match"
"""Share of segments with the tune's chord, if the net is given the melody alone."""
SHARE = "share_of_variants"
"""Share of the measured segments that belong to tunes with a variant in the training set."""
ORDERS = range(1, 9)
SMOOTHING = 0.1
"""The c of add-c: the best of 1, 0.1, 0.01 and 0.001 for the valid log-loss of most orders."""
WITTEN_BELL, PPM = 4, 12
"""Orders, chosen in the same way."""


@dataclass(frozen=True, slots=True)
class System:
    """A row of the table."""

    name: str
    title: str
    kind: str
    """`counted`, `chords` and `variants` (counted as well), `window` or `tune`."""
    plan: Mapping[str, Any] = field(default_factory=dict)
    """Options of `WindowPlan`, or of `TuneConfig`."""
    poster: Mapping[str, str] = field(default_factory=dict)
    """The poster's figures by `measure/split`; its accuracy may be either of two measures."""

    @property
    def seeded(self) -> bool:
        """True if another seed gives another model, or another split."""
        return self.kind in {"window", "tune", "variants"}


def accuracy(train: str, test: str) -> dict[str, str]:
    """Return the poster's accuracies."""
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
"""Systems by name, in the order of the table."""
