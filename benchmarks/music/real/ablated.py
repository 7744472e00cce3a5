"""Composers of the shipped voice that lack one part of the sampling each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stream.compose.composer import Composer
from stream.compose.filter.entropy import FEATURES, NoteSeries
from stream.compose.filter.selection import Rules
from stream.compose.melody import bar_sampler, priming, written
from stream.compose.melody.bar_penalty import BarPenalty, Events
from stream.compose.melody.formulas import Formulas
from stream.compose.melody.guide import OutlineGuide, by_onset
from stream.compose.melody.outline import Outline
from stream.compose.melody.sampler import LENGTHS, MelodyCandidates
from stream.compose.melody.written_strategy import WrittenStrategy
from stream.compose.phrase_context import PhraseContext, point, target
from stream.compose.step import Floats, Ints, Point, Step, StepOutput, StepState
from stream.compose.tune_plan import outline_of
from stream.config.style_syntax import parse_style
from stream.ensembles.ensemble import SOLO
from stream.music.note import Controls

K = 16
"""Candidates of the shipped settings."""
SHIPPED = "as shipped"
FP32 = "fp32 graph"


class Forgetful(Step):
    """A step whose memory of events is emptied each time: the recurrent state alone is kept."""

    def __call__(
        self, state: StepState, point: Point, noise: Floats, force: Ints | None = None
    ) -> StepOutput:
        output = super().__call__(state, point, noise, force)
        row, *others = output.state.states
        emptied = row.copy()
        # The recurrent state comes first, then the memories.
        emptied[:, int(self.spec.model["hidden"]) * int(self.spec.model["depth"]) :] = 0
        kept = dataclasses.replace(output.state, states=(emptied, *others))
        return dataclasses.replace(output, state=kept)


class WithoutEntropyRules(WrittenStrategy):
    """The strategy that decides by all rules but those of entropies."""

    def rules(
        self, context: PhraseContext, candidates: MelodyCandidates, melodies: Sequence[NoteSeries]
    ) -> list[Rules]:
        table = super().rules(context, candidates, melodies)
        return [tuple(rule for rule in rules if rule.name not in FEATURES) for rules in table]


class WithoutRules(WrittenStrategy):
    """The strategy that plays the first candidate, whatever it is."""

    def rules(
        self, context: PhraseContext, candidates: MelodyCandidates, melodies: Sequence[NoteSeries]
    ) -> list[Rules]:
        del context, melodies
        return [()] * len(candidates)


class Uncopied(OutlineGuide):
    """The guide that copies no bar: the network itself has to bring it back."""

    def step(self, elapsed: Ints) -> tuple[Point, Ints]:
        point, force = super().step(elapsed)
        return point, np.full_like(force, -1)


class Indifferent(BarPenalty):
    """The penalty of nothing: every candidate goes on at each bar line."""

    def __call__(self, tunes: object) -> NDArray[np.float64]:
        return np.zeros(len(list(tunes)))  # type: ignore[call-overload]


class Sampled(WrittenStrategy):
    """The strategy with another guide, or with another penalty of bars."""

    guide: Callable[[Outline, Point, int, Events], OutlineGuide] = OutlineGuide
    penalty: type[BarPenalty] = BarPenalty

    def sample(self, context: PhraseContext, rng: np.random.Generator) -> MelodyCandidates:
        outline = outline_of(context.plan)
        k = context.request.controls.candidates
        past = by_onset(written.tokens(outline, context.request), LENGTHS)
        begin = priming.position(context.start)
        guide = type(self).guide(outline, point(context.plan, context.request, k), begin, past)
        formulas = context.plan.formulas
        stock = Formulas(formulas) if formulas else None
        penalty = type(self).penalty(outline, past, stock, self._corpus)
        start = context.start.tiled(k)
        return bar_sampler.sample(self.step, start, guide, penalty, target(context), rng)


class WithoutCopies(Sampled):
    """The strategy in which no bar is copied."""

    guide = Uncopied


class WithoutDraws(Sampled):
    """The strategy in which the candidates are not drawn anew at bar lines."""

    penalty = Indifferent


@dataclass(frozen=True, slots=True)
class System:
    """One way of sampling."""

    about: str
    strategy: type[WrittenStrategy] = WrittenStrategy
    step: type[Step] = Step
    candidates: int = K
    temperature: float = Controls().temperature

    def controls(self, style: str) -> Controls:
        """Return the controls of the lead alone in a style."""
        return Controls(
            style=parse_style(style), candidates=self.candidates, temperature=self.temperature,
            ensemble=SOLO,
        )  # fmt: skip

    def composer(self, voice: Path) -> Composer:
        """Return a composer of the voice that samples in this way."""
        made = Composer(voice)
        made.strategy = self.strategy(self.step(voice), None)
        return made


SYSTEMS: Mapping[str, System] = {
    SHIPPED: System("K = 16, all rules, int8"),
    "without entropy rules": System("all other rules stay", WithoutEntropyRules),
    "K = 1": System("up to four candidates, one after another, until one passes", candidates=1),
    "K = 4": System("up to sixteen candidates", candidates=4),
    "K = 64": System("up to 256 candidates", candidates=64),
    "bars not drawn anew": System("no choice at bar lines, but among phrases", WithoutDraws),
    "K = 1 and no rule": System("the first candidate plays", WithoutRules, candidates=1),
    "memory emptied": System(
        "the network forgets the events before; bars that return whole are still copied",
        step=Forgetful,
    ),
    "no bar copied": System("the network alone brings bars back", WithoutCopies),
    "memory emptied and no bar copied": System(
        "nothing brings bars back but the choice among candidates", WithoutCopies, Forgetful
    ),
    FP32: System("the same checkpoint, not quantized"),
    "temperature 2": System("control: has to be worse", temperature=2.0),
}
"""Ways of sampling by name."""
