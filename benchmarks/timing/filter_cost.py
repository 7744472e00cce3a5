"""The cost of the filter: entropies, and all rules, beside sampling the candidates they judge."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from benchmarks import script
from benchmarks.music.filter import K, new_phrases
from benchmarks.record import Readings, Record, publish
from stream.compose.composer import Composer
from stream.compose.filter import selection
from stream.config.settings import DEFAULT_VOICE
from stream.voices.spec import find_voice

NAME = "filter_cost"
BOUNDS = {"entropies / sampling": 0.5, "whole filter / sampling": 1}


def costs(voice: Path, style: str, phrases: int) -> tuple[Readings, Readings]:
    """Return the cost of the entropies of sixteen candidates, and of the whole filter with novelty.

    Both are processor time as a share of the time of sampling the candidates.
    """
    composer, shares = Composer(voice), []
    for now in new_phrases(composer, style, phrases):
        melodies = composer.evaluate(now).melodies
        times = [time.process_time()]
        candidates = composer.strategy.sample(now, np.random.default_rng(0))
        times.append(time.process_time())
        selection.entropy_rules(melodies, now.past, now.plan.bounds)
        times.append(time.process_time())
        composer.evaluate_batch(now, candidates)
        times.append(time.process_time())
        sampling, entropies, everything = np.diff(times)
        shares.append((entropies / sampling, everything / sampling))
    entropies, everything = zip(*shares[2:], strict=True)
    return Readings(entropies), Readings(everything)


def records(voice: Path, phrases: int) -> list[Record]:
    """Return the figures of each style of a voice."""
    found = []
    for style in sorted(Composer(voice).spec.styles):
        for system, r in zip(BOUNDS, costs(voice, style, phrases), strict=True):
            found.append(
                Record(system, f"{style}, K = {K}", "processor time", "", r.median, r.sd,
                       len(r.values), f"at most {BOUNDS[system]}")
            )  # fmt: skip
    return found


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--phrases", type=int, default=40)
    args = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    publish(NAME, records(args.voice, args.phrases))


if __name__ == "__main__":
    main()
