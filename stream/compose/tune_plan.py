"""The plan of a tune: its style or blend of styles, latent point, meter, mode and form.

A tune is a series of phrases at one latent point. The plan depends on the stream's seed and the
tune's number alone, so that a restarted composer draws the same plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody import tune_sets
from stream.compose.melody.outline import Outline, parsed
from stream.compose.plan import blend, favourites, style
from stream.compose.plan.latent_text import packed as packed  # noqa: PLC0414 (part of a plan)
from stream.compose.plan.latent_text import unpacked as unpacked  # noqa: PLC0414
from stream.compose.plan.taste_draw import plan_number
from stream.errors import VoiceError
from stream.music.note import PhraseRequest
from stream.voices.spec import StyleSpec, VoiceSpec

SPREAD: Final = 0.04
"""Largest share by which the tempo of a tune differs from that of its outline."""

EIGHTH: Final = 24
BEAT, COMPOUND_BEAT = 48, 72
"""Ticks in a beat of simple and of compound meters."""


@dataclass(frozen=True, slots=True)
class TunePlan:
    """The part of a tune's plan that one phrase needs."""

    name: str
    """The style, or the blend as `bach:0.7,jazz:0.3`."""
    latent: NDArray[np.float32]
    """Latent point [Z]."""
    tags: NDArray[np.float32]
    """Weights of the tags [S]."""
    bar: int
    """Units in a bar."""
    unit: int
    """Ticks in a unit."""
    form: str
    """A letter a phrase, as in `StyleSpec.forms`."""
    bounds: Mapping[str, tuple[float, float]]
    """Lowest and highest value of each feature that the filter accepts."""
    longest_copy: int
    """Most notes in a row that the tune may share with the training corpus."""
    returning: float
    """Largest share of a new phrase that may repeat the tune so far."""
    last_note: float
    """Fewest units of the tune's last note."""
    formulas: str = ""
    """Formulas of the style of most weight; empty without any."""
    style: str = ""
    """The style of most weight."""
    ensemble: str = ""
    """Name of the ensemble of the style that the tune was opened in; empty: none."""
    outline: Outline | None = None
    """The outline that the tune is composed to; None for a voice without outlines."""
    tempo: float = 0.0
    """Quarter notes a minute; 0 if the voice does not say."""
    leaning: NDArray[np.float32] | None = None
    """The leaning of the own styles in the blend; None without one."""
    favourite: str = ""
    """Title of the favourite that the tune returns to; empty for most tunes."""

    @property
    def key(self) -> int:
        """Semitones from the voice's register to the one in which the tune sounds."""
        return self.outline.key if self.outline else 0

    @property
    def beat(self) -> int:
        """Ticks in a beat: three eighths in compound meters, else a quarter note."""
        compound = self.unit == EIGHTH and self.bar % 3 == 0
        if self.outline and self.outline.meter:
            over, _, under = self.outline.meter.partition("/")
            compound = under == "8" and int(over) % 3 == 0
        return COMPOUND_BEAT if compound else BEAT


def outline_of(plan: TunePlan) -> Outline:
    """Return the outline of a plan. Raises `VoiceError` if its style has none."""
    if plan.outline is None:
        raise VoiceError(f"style {plan.name}: has no outlines; export the voice again")
    return plan.outline


def in_key(plan: TunePlan, key: int) -> TunePlan:
    """Return the plan with its outline in another key, as of a tune that responds to a call."""
    return replace(plan, outline=replace(outline_of(plan), key=key))


def plan_tune(spec: VoiceSpec, request: PhraseRequest) -> TunePlan:
    """Return the plan of the request's tune. Raises `SettingsError` for a style the voice lacks."""
    planned = partial(_outlined if spec.kind == "melody" and spec.context else _free, spec)
    return planned(request, plan_number(request, planned, sets=planned.func is _outlined))


def _free(spec: VoiceSpec, request: PhraseRequest, number: int) -> TunePlan:
    """Return a plan of a tune of a voice without outlines, by its number."""
    seed = [request.seed, request.tune, 1, *_further(number)]
    weights = style.weights(spec, request, np.random.default_rng(seed))
    # Meter, mode and form belong to one style, drawn by the weights at the start of the tune.
    rng = np.random.default_rng(seed)
    first = spec.styles[_pick(style.opening_weights(spec, request, rng), rng)]
    points = blend.points(spec, rng)
    favourite = favourites.of(spec, request, weights)
    if favourite:
        points = dict.fromkeys(points, favourite.latent)
    bar, unit = map(int, _pick(first.meters, rng).split("x"))
    mode, form = _pick(first.modes, rng), _pick(first.forms, rng)
    drawn = _Drawn(points, bar, unit, mode, form)
    plan = _planned(spec, weights, first, drawn)
    return replace(plan, favourite=favourite.title) if favourite else plan


def _further(number: int) -> tuple[int, ...]:
    """Return the last members of a seed: none for the plan 0, which is drawn without a taste."""
    return (number,) if number else ()


def _outlined(spec: VoiceSpec, request: PhraseRequest, number: int) -> TunePlan:
    """Return a plan of a tune of a voice with outlines: one outline gives it all."""
    tune_set, place = tune_sets.set_of(request.seed, request.tune)
    seed = [request.seed, tune_set, 5, *_further(number)]
    weights = style.weights(spec, request, np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    opened = style.opening_weights(spec, request, rng)
    name = _pick(opened, rng)
    index = tune_sets.draw(spec.styles[name].outlines, place, rng)
    favourite = favourites.of(spec, request, weights)
    if favourite:
        name, weights = favourite.style, {favourite.style: 1.0}
        index = favourites.near(spec.styles[name], favourite, [request.seed, request.tune, 7])
    outline = parsed(spec.styles[name].outlines[index])
    own = np.random.default_rng([request.seed, request.tune, 6])
    share, spread = own.random(), 1 + SPREAD * float(own.uniform(-1, 1))
    points = {}
    for each in weights:
        found = spec.styles[each]
        near = index if each == name else tune_sets.matching(found.outlines, outline, share)
        points[each] = _kept_point(found, near)
    if favourite:
        points[name] = favourite.latent
    drawn = _Drawn(points, outline.bar, outline.unit, outline.mode, _letters(outline))
    plan = _planned(spec, weights, spec.styles[name], drawn, outline.kind)
    title = favourite.title if favourite else ""
    return replace(plan, outline=outline, tempo=round(outline.tempo * spread), favourite=title)


def _kept_point(style: StyleSpec, index: int) -> NDArray[np.float64]:
    """Return the latent point [Z] of an outline of a style; its center if it keeps none."""
    kept = unpacked(style.points, len(style.mean))[index] if style.points else style.mean
    return np.asarray(kept, np.float64)


def _letters(outline: Outline) -> str:
    """Return the form of an outline: a letter for each phrase, that of the phrase it repeats."""
    phrases = outline.phrases()
    names: dict[int, str] = {}
    for bar in phrases:
        names.setdefault(bar, chr(ord("a") + len(names)))
    return "".join(names[bar] for bar in phrases)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """The draws of a tune."""

    points: Mapping[str, NDArray[np.float64]]
    """Latent point [Z] of each style."""
    bar: int
    unit: int
    mode: str
    form: str


def _planned(
    spec: VoiceSpec, weights: style.Weights, first: StyleSpec, drawn: _Drawn, kind: str = ""
) -> TunePlan:
    """Return the plan of a tune that was opened in the style `first`."""
    points, bar, unit = drawn.points, drawn.bar, drawn.unit
    styles = [(spec.styles[name], weight) for name, weight in weights.items()]
    latent = sum(weight * points[name] for name, weight in weights.items())
    tags = blend.tags(weights, styles)
    tags |= {f"bar:{bar}": 1.0, f"mode:{drawn.mode}": 1.0, f"kind:{kind}": 1.0}
    return TunePlan(
        name=style.name_of(weights),
        latent=np.asarray(latent, np.float32),
        tags=np.array([tags.get(tag, 0.0) for tag in spec.tags], np.float32),
        bar=bar,
        unit=unit,
        form=drawn.form,
        bounds=blend.bounds(styles),
        longest_copy=round(sum(w * s.longest_copy for s, w in styles)),
        returning=sum(w * s.returning for s, w in styles),
        last_note=first.last_note,
        formulas=first.formulas,
        style=max(weights, key=lambda name: weights[name]),
        ensemble=first.ensemble,
        leaning=blend.leaning(styles),
    )


def _pick(shares: Mapping[str, float], rng: np.random.Generator) -> str:
    names = list(shares)
    p = np.array([shares[n] for n in names])
    return names[int(rng.choice(len(names), p=p / p.sum()))]
