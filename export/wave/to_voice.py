"""Make a voice that makes sound: `python -m export.wave.to_voice BEST.npz OUT.onnx STYLE=FOLDER …`.

The folders are those of the training: tunes of the voice begin from moments of their pieces, of
which the states of the network are kept, no sound. The paper's network has a single style.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from export.melody.to_voice import add_arguments, commit, read_credits, write
from export.models.wave.block_rnn import BlockRNN
from export.models.wave.partial_rnn import PartialRNN
from export.step_graph.facts import told
from export.training import checkpoint
from export.training.kinds import BLOCKS, PARTIALS
from export.wave import audio, blocks, parity
from export.wave.partials import Grid, analyse
from export.wave.step import Bank, BlockStep, PartialStep, SoundStep, graphs
from export.wave.train_partials import named
from stream.errors import CorpusError
from stream.voices.spec import AudioSpec, StyleSpec, TensorSpec, VoiceSpec, append_spec

SEEDS = 8
"""Moments of each style that tunes may begin from."""
WARM = 10
"""Seconds that the network hears before such a moment."""
TUNE = {"block": 30.0, "partial": 120.0}
"""Seconds of a tune. The paper's network falls into a loop after three times its seed."""
FAMILIES = {"gruv": "block", "wave": "partial"}
"""Kind of model by the `--family` that is requested."""
KINDS = {"block": BLOCKS, "partial": PARTIALS}


@torch.no_grad()
def block_bank(model: BlockRNN, pieces: Mapping[str, audio.Corpus]) -> Bank:
    """Hidden state and last block after the first seconds of training pieces."""
    config, rows = model.config, []
    for found in pieces.values():
        for piece in _some(found):
            samples = piece.samples[: WARM * config.rate]
            cut = blocks.spectra(blocks.cut(samples, config.hop, config.length))
            x = model.standardised(torch.from_numpy(cut))
            _, state = model(x[:-1, None], model.initial(1))
            rows.append((state[0], x[-1]))
    return tuple(torch.stack(each) for each in zip(*rows, strict=True))


@torch.no_grad()
def partial_bank(model: PartialRNN, grid: Grid, pieces: Mapping[str, audio.Corpus]) -> Bank:
    """Hidden state and levels, likewise, and phases."""
    rng, rows = np.random.default_rng(1), []
    tags = torch.eye(len(pieces))
    for tag, found in zip(tags, pieces.values(), strict=True):
        for piece in _some(found):
            levels = torch.from_numpy(analyse(piece.samples[: WARM * grid.rate], grid))[:-2]
            _, _, state = model(levels[:-1, None], tag[None], model.initial(1))
            phases = torch.from_numpy(rng.random(grid.partials)).float()
            rows.append((state[0], levels[-1], phases))
    return tuple(torch.stack(each) for each in zip(*rows, strict=True))


def _some(found: audio.Corpus) -> list[audio.Piece]:
    """`SEEDS` of the training pieces, evenly chosen; fewer, where there are no more."""
    chosen = np.linspace(0, len(found.train) - 1, min(SEEDS, len(found.train)))
    return [found.train[round(i)] for i in chosen]


def seeds_of(styles: Mapping[str, audio.Corpus]) -> dict[str, StyleSpec]:
    """Each style with its rows of the bank."""
    described, first = {}, 0
    for name, found in styles.items():
        count = min(SEEDS, len(found.train))
        described[name] = StyleSpec(seeds=tuple(range(first, first + count)))
        first += count
    return described


def prepared(
    path: Path, family: str, folders: Mapping[str, Path]
) -> tuple[SoundStep, AudioSpec, dict[str, StyleSpec], dict[str, Any]]:
    """The step with its seeds, how it sounds, its styles, and the facts of its training."""
    trained, model = checkpoint.load_model(path, KINDS[family])
    rate = model.config.rate
    corpora = {name: audio.read_folder(folder, rate) for name, folder in folders.items()}
    step: SoundStep
    if family == "block":
        if len(corpora) != 1:
            raise CorpusError(f"{path}: the paper's network has one style, not {len(corpora)}")
        config = model.config
        spec = AudioSpec(rate, config.hop, config.length, "spectrum", TUNE[family])
        step = BlockStep(model, block_bank(model, corpora))
    else:
        if tuple(corpora) != model.config.styles:
            raise CorpusError(
                f"{path}: its styles are {', '.join(model.config.styles)}, in this order"
            )
        grid = Grid(rate=rate, hop=model.config.hop)
        spec = AudioSpec(rate, grid.hop, 2 * grid.hop, "samples", TUNE[family])
        step = PartialStep(model, grid, partial_bank(model, grid, corpora))
    return step.eval(), spec, seeds_of(corpora), trained.progress


def make(args: argparse.Namespace) -> dict[str, Any]:
    """Write the files that `args` name; the facts of the parity report."""
    notices = read_credits(args.credits, args.section)
    folders = named(args.corpora)
    family = FAMILIES[args.family]
    step, sound, styles, facts = prepared(args.checkpoint, family, folders)
    fp32, int8 = graphs(step, len(styles))
    report = parity.compare(step, sound, (fp32, int8), int8)
    spec = VoiceSpec(
        name=args.out.stem,
        kind="audio",
        heads=(),
        states=tuple(
            TensorSpec(name, (width,), "float32")
            for name, width in zip(step.states, step.widths(), strict=True)
        ),
        latent=0,
        tags=tuple(f"set:{name}" for name in styles),
        styles=styles,
        credits=notices,
        quality={"dev": round(facts["best"], 4)},
        model={"family": family, **_sizes(step)},
        noise=step.noise,
        audio=sound,
        source=commit(),
    )
    write(args.out, append_spec(int8, spec))
    if args.report:
        rows = ",\n".join(json.dumps(row) for row in records(args, report, len(int8)))
        write(args.report, f"[\n{rows}\n]\n".encode())
    return {"passed": report.passed, **dataclasses.asdict(report), "bytes": len(int8)}


def _sizes(step: SoundStep) -> dict[str, float | str]:
    """The numbers and words of the model's configuration."""
    config: Any = step.model.config  # type: ignore[union-attr]
    fields = dataclasses.asdict(config).items()
    return {name: value for name, value in fields if isinstance(value, int | float | str)}


def records(args: argparse.Namespace, report: parity.Parity, size: int) -> list[dict[str, Any]]:
    """The parity report as benchmark records, each beside its bound."""
    command = f"python -m export.wave.to_voice {args.checkpoint.name} {args.out.name}"
    figures = (
        ("sample, torch and ONNX fp32, largest error", "", report.error, "at most 1e-4"),
        ("log-spectral distance, int8 from fp32", "dB", report.int8_distance, None),
        ("sound made, x real time, inverse transform included", "", report.speed, "at least 1.5"),
        ("graph", "bytes", size, None),
    )
    return [
        {
            "system": args.out.stem, "set": f"{report.steps} blocks from a seed",
            "measure": measure, "unit": unit, "value": value, "sd": None, "n": report.steps,
            "paper": bound, "command": command,
        }
        for measure, unit, value, bound in figures
    ]  # fmt: skip


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m export.wave.to_voice", description=__doc__)
    add_arguments(parser)
    parser.add_argument("corpora", nargs="+", metavar="STYLE=FOLDER")
    parser.add_argument("--family", choices=FAMILIES, default="wave")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    return told(make, _arguments().parse_args(argv))


if __name__ == "__main__":
    sys.exit(main())
