"""Give a voice bounds that it can keep to: `python -m export.frames.fit_bounds VOICE.onnx`.

Bounds from real pieces tell music from noise. A model that is never within one of them (an
RNN-DBN does not know how many notes a chorale has) would have all its candidates refused, and the
least bad one would play each time. Such a bound is moved to where enough of its own music lies, so
that the rule still refuses what is farthest from real pieces. The description of the voice tells
which bounds were moved, and the share of candidates that broke them before.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from export.command_line import run
from export.to_voice.files import write
from stream.compose.composer import Composer
from stream.music.note import Blend, Controls
from stream.music.stream_position import StreamPosition
from stream.music.verdict import Rule
from stream.voices.spec import StyleSpec, load_bytes, replace_spec

PHRASES, SEEDS, CANDIDATES = 12, 3, 8
BEYOND = 0.2
"""Share of the model's own music beyond a bound that was moved."""
OFTEN = 0.25
"""Share of candidates that break a rule from which on its bounds are moved."""
CLOSING = "last_chord"


def rules(composer: Composer, blend: Blend) -> list[Rule]:
    """Return every rule of the first candidates of some phrases, in a few streams."""
    found: list[Rule] = []
    for seed in range(1, SEEDS + 1):
        position = StreamPosition(seed, Controls(style=(blend,), candidates=CANDIDATES))
        for _ in range(PHRASES):
            now = composer.context(position.request)
            if now.repeat is None or not now.repeat.whole:
                candidates = composer.strategy.sample(now, np.random.default_rng([seed, 7]))
                for row in composer.evaluate_batch(now, candidates).table:
                    found += row
            position = position.after(composer.compose(position.request))
    return found


def widened(style: StyleSpec, found: Iterable[Rule]) -> tuple[StyleSpec, Mapping[str, float]]:
    """Return the style with bounds that the voice keeps to, and by how much each was moved."""
    rows: dict[str, list[Rule]] = {}
    for rule in found:
        rows.setdefault(rule.name, []).append(rule)
    bounds, moved, last = dict(style.bounds), {}, style.last_note
    for name, own in rows.items():
        values = [rule.value for rule in own]
        if sum(not rule.passed for rule in own) / len(own) < OFTEN:
            continue
        low, high = np.quantile(values, (BEYOND, 1 - BEYOND)).tolist()
        if name == CLOSING:
            last = min(last, round(low, 3))
        elif name in bounds:
            bounds[name] = (
                min(bounds[name][0], math.floor(1000 * low) / 1000),
                max(bounds[name][1], math.ceil(1000 * high) / 1000),
            )
        moved[name] = round(sum(not rule.passed for rule in own) / len(own), 3)
    return dataclasses.replace(style, bounds=bounds, last_note=last), moved


def described(path: Path) -> tuple[bytes, dict[str, float]]:
    """Return the voice with such bounds, and the rules that were moved in any of its styles."""
    composer = Composer(path)
    styles: dict[str, StyleSpec] = {}
    facts: dict[str, float] = {}
    spec = composer.spec
    for name, style in spec.styles.items():
        styles[name], moved = widened(style, rules(composer, ((name, 1.0),)))
        facts |= {f"refused_before:{name}:{rule}": share for rule, share in moved.items()}
    spec = dataclasses.replace(spec, styles=styles, quality={**spec.quality, **facts})
    return replace_spec(load_bytes(path), spec), facts


def main(argv: list[str] | None = None) -> int:
    """Write the voice anew; print what was moved."""
    parser = argparse.ArgumentParser(prog="python -m export.frames.fit_bounds", description=__doc__)
    parser.add_argument("voice", type=Path, metavar="VOICE.onnx")
    args = parser.parse_args(argv)

    def work() -> None:
        content, facts = described(args.voice)
        write(args.voice, content)
        print(json.dumps(facts))

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
