"""Reasons why a claim may fail: effects of the latent point and of the temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.record import Readings, Record
from benchmarks.vrash import memory as mi
from benchmarks.vrash.repetition import REPEATS, RUN, repeats, runs
from benchmarks.vrash.tunes import Floats, Performer, places
from export.models.melody import MelodyModel
from export.papers.vrash.free_play import Tokens
from stream.compose.tunes.tune import Melody

TUNES = 300
COOL = 0.5
"""Temperature that makes likely notes even likelier."""
POINTS = "latent point: {kind}"
KINDS = ("of a real tune, as on the stream", "Gaussian of the style", "mean of the style")
COOLED = f"temperature {COOL:g}"


def reasons(
    style: str,
    systems: Mapping[str, Sequence[MelodyModel]],
    melodies: Sequence[Melody],
    scope_tunes: int,
    farthest: int,
) -> list[Record]:
    """Return both experiments in one style, mean and `sd` over the seeds."""
    chosen = places(melodies, style, min(TUNES, scope_tunes))
    performers = {
        name: [Performer(model, melodies, style) for model in models]
        for name, models in systems.items()
    }
    far = mi.reach([m.tokens for m in chosen], farthest)
    return _points(style, performers["VRASH"], chosen, far) + _cooled(style, performers, chosen)


def _points(
    style: str, performers: Sequence[Performer], chosen: Sequence[Melody], far: int
) -> list[Record]:
    """Return the area under I(d) of VRASH for each way to choose its latent point."""
    if not far:
        return []
    count = len(chosen)
    found = [_record("real", style, "", [[m.tokens for m in chosen]], far)]
    latents_by_kind: Mapping[str, list[Floats]] = {
        KINDS[0]: [p.posterior(count, 7) for p in performers],
        KINDS[1]: [p.gaussian(count, 7) for p in performers],
        KINDS[2]: [p.mean(count) for p in performers],
    }
    for kind, latents in latents_by_kind.items():
        tunes = [p.play(chosen, 7, latent) for p, latent in zip(performers, latents, strict=True)]
        found.append(_record("VRASH", style, kind, tunes, far))
    return found


def _record(
    system: str, style: str, kind: str, seeds: Sequence[Sequence[Tokens]], far: int
) -> Record:
    effort = mi.Effort(shuffles=1, resamples=0)
    curves = [mi.measured(tunes, "pitch class", far, effort) for tunes in seeds]
    near = min(mi.NEAR, far)
    areas = Readings(tuple(float(mi.area(c.distances, c.plain, near, far)) for c in curves))
    where = f"{style}, {POINTS.format(kind=kind)}" if kind else f"{style}, the same places"
    return Record(system, where, mi.AREA, "bits x notes", areas.mean, areas.sd, len(curves))


def _cooled(
    style: str, performers: Mapping[str, Sequence[Performer]], chosen: Sequence[Melody]
) -> list[Record]:
    found = []
    for system, own in performers.items():
        tunes = [p.play(chosen, 7, temperature=COOL) for p in own]
        for name, measure in ((REPEATS, repeats), (RUN, runs)):
            values = Readings(tuple(measure(t) for t in tunes))
            where = f"{style}, {COOLED}"
            found.append(Record(system, where, name, "", values.mean, values.sd, len(own)))
    return found
