"""Make audio to learn from: `python -m export.wave.render --out runs/wave/corpus`.

Two styles, 20 pieces each, composed by the voice `chorale`: OUT/band/*.wav and
OUT/electronic/*.wav. `--synth fluid` (the benchmarks' choice) sounds them by FluidSynth, `--synth
own` by the project's own synthesizer (the shipped voices'). A piece that is there already is kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from export.command_line import run
from export.wave import audio, fluid, synth
from export.wave.score import ARRANGEMENTS, Score, compose

SYNTHS = ("fluid", "own")


def render(out: Path, args: argparse.Namespace) -> int:
    """Write the pieces that are missing; how many there are."""
    count = 0
    for order, (style, arrange) in enumerate(ARRANGEMENTS.items()):
        folder = out / style
        folder.mkdir(parents=True, exist_ok=True)
        for i in range(args.pieces):
            count += 1
            path = folder / f"{i:02}.wav"
            if path.exists():
                continue
            seed = 1000 * order + i + args.seed
            score = arrange(compose(seed, args.seconds), args.seconds, seed)
            partial = path.with_suffix(".part")
            audio.write(partial, _sound(score, args), args.rate)
            partial.replace(path)
    return count


def _sound(score: Score, args: argparse.Namespace) -> audio.Samples:
    if args.synth == "own":
        return synth.sound(score, args.rate)
    made = fluid.sound(score, args.font or fluid.find_font())
    return audio.resampled(made, fluid.RATE, args.rate)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.wave.render", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/wave/corpus"), metavar="FOLDER")
    parser.add_argument("--synth", choices=SYNTHS, default=SYNTHS[0])
    parser.add_argument("--font", type=Path, metavar="FILE.sf2")
    parser.add_argument("--rate", type=int, default=11_025, metavar="HZ")
    parser.add_argument("--pieces", type=int, default=20, metavar="N", help="of each style")
    parser.add_argument("--seconds", type=float, default=45.0, metavar="S", help="of each piece")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Write the corpus and say how many pieces it has."""
    args = _arguments().parse_args(argv)

    def work() -> None:
        count = render(args.out, args)
        print(json.dumps({"pieces": count, "seconds": args.seconds, "rate": args.rate}))

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
