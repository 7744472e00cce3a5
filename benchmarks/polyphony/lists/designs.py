"""The designs of the note-list's study: the model, what it is without each of its parts, baselines.

A design trains with the plan of its set, on the same pieces in the same order: models of one set
take the same number of steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GOALS = {"jsb": -4.2, "nottingham": -1.0, "muse": -3.8, "piano": -4.5}
"""Nats per frame, exact, the mean of five seeds."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Options of the model and of its training on a set."""

    config: Mapping[str, Any]
    plan: Mapping[str, Any]


RECIPES = {
    "jsb": Recipe(
        {"features": 32, "dropout": 0.3},
        {"rows": 8, "rate": 3e-3, "average": 0.98, "epochs": 30, "transpose": 5, "settling": 0.3},
    ),
    "piano": Recipe(
        {"dropout": 0.4}, {"rows": 12, "rate": 2e-3, "average": 0.98, "epochs": 6, "transpose": 5}
    ),
    "nottingham": Recipe(
        {"features": 32, "dropout": 0.2, "reach": 512},
        {"rows": 8, "rate": 2e-3, "average": 0.995, "epochs": 9, "settling": 0.3},
    ),
    "muse": Recipe(
        {"features": 32, "dropout": 0.3, "reach": 512, "hidden": 256, "head": 160},
        {"rows": 8, "rate": 2e-3, "average": 0.995, "epochs": 20, "transpose": 5, "settling": 0.3},
    ),
}
"""Recipes by set."""


@dataclass(frozen=True, slots=True)
class Design:
    """A row of the page."""

    name: str
    title: str
    kind: str = "note-list"
    config: Mapping[str, Any] = field(default_factory=dict)
    """Options of the model that differ from the recipe's."""
    plan: Mapping[str, Any] = field(default_factory=dict)
    """Options of the training that differ from the recipe's."""

    def options(self, name: str) -> Recipe:
        """Return all options on the set of this name."""
        recipe = RECIPES[name]
        own = recipe.config if self.kind == "note-list" else {}
        return Recipe({**own, **self.config}, {**recipe.plan, **self.plan})


NO_CLOCK = {"clock": False}
CLOCKED = "clock"
PLAIN = "plain"
CANDIDATES = (CLOCKED, PLAIN)
"""Designs of which the better one on the validation split is the model of a set."""
DESIGNS = {
    design.name: design
    for design in (
        Design(CLOCKED, "note-list with the clock"),
        Design(PLAIN, "note-list", config=NO_CLOCK),
        Design("no-recall", "without the votes of recall", config={**NO_CLOCK, "votes": False}),
        Design("no-lags", "without the lags", config={**NO_CLOCK, "lags": False}),
        Design("no-window", "without both", config={**NO_CLOCK, "reach": 0}),
        Design("no-keyboard", "without the keyboard", config={**NO_CLOCK, "features": 0}),
        Design("no-keys", "without other keys in training", config=NO_CLOCK,
               plan={"transpose": 0}),
        Design("transformer", "Transformer, as many steps", "frame-transformer",
               plan={"rate": 1e-3}),
        Design("flat-gru", "flat GRU (TonicNet-like), as many steps", "flat-gru",
               plan={"rate": 3e-3}),
    )
}  # fmt: skip
"""Designs by name, in the order of the page."""
ABLATIONS = tuple(name for name in DESIGNS if name.startswith("no-"))
BASELINES = ("transformer", "flat-gru")
RUNS: Mapping[str, Mapping[str, int]] = {"jsb": {PLAIN: 1}}
"""Seeds of each design by set: as many as there was time for. The whole study is `WHOLE`."""
SEEDS = 5
WHOLE: Mapping[str, Mapping[str, int]] = {
    name: dict.fromkeys(DESIGNS, 1) | dict.fromkeys(CANDIDATES, SEEDS) for name in RECIPES
}
"""Seeds that the goals ask for."""
