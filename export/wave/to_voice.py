"""Make a voice that makes sound: `python -m export.wave.to_voice BEST.npz OUT.onnx STYLE=FOLDER …`.

The folders are those of the training: tunes of the voice begin from moments of their pieces, of
which the states of the network are kept, no sound. The paper's network has a single style.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

import numpy as np
import torch

from export.frames.to_voice import sizes_of
from export.models.wave.block_rnn import BlockRNN
from export.models.wave.partial_rnn import PartialRNN
from export.to_voice import pipeline
from export.to_voice.pipeline import Figure, VoiceKind
from export.training import checkpoint
from export.training.kinds import BLOCKS, PARTIALS
from export.wave import audio, blocks, parity
from export.wave.parity import SoundParity
from export.wave.partials import Grid, analyze
from export.wave.step import Bank, BlockStep, PartialStep, SoundStep, graphs
from export.wave.train_partials import named
from stream.errors import CorpusError
from stream.voices.audio_spec import AudioSpec
from stream.voices.spec import StyleSpec, TensorSpec, VoiceSpec

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
    """Return hidden state and last block after the first seconds of training pieces."""
    config, rows = model.config, []
    for found in pieces.values():
        for piece in _some(found):
            samples = piece.samples[: WARM * config.rate]
            cut = blocks.spectra(blocks.cut(samples, config.hop, config.length))
            x = model.standardized(torch.from_numpy(cut))
            _, state = model(x[:-1, None], model.initial(1))
            rows.append((state[0], x[-1]))
    return tuple(torch.stack(each) for each in zip(*rows, strict=True))


@torch.no_grad()
def partial_bank(model: PartialRNN, grid: Grid, pieces: Mapping[str, audio.Corpus]) -> Bank:
    """Return hidden state, levels and phases after the first seconds of training pieces."""
    rng, rows = np.random.default_rng(1), []
    tags = torch.eye(len(pieces))
    for tag, found in zip(tags, pieces.values(), strict=True):
        for piece in _some(found):
            levels = torch.from_numpy(analyze(piece.samples[: WARM * grid.rate], grid))[:-2]
            _, _, state = model(levels[:-1, None], tag[None], model.initial(1))
            phases = torch.from_numpy(rng.random(grid.partials)).float()
            rows.append((state[0], levels[-1], phases))
    return tuple(torch.stack(each) for each in zip(*rows, strict=True))


def _some(found: audio.Corpus) -> list[audio.Piece]:
    """Return `SEEDS` of the training pieces, evenly chosen; all, if there are fewer."""
    chosen = np.linspace(0, len(found.train) - 1, min(SEEDS, len(found.train)))
    return [found.train[round(i)] for i in chosen]


def seeds_of(styles: Mapping[str, audio.Corpus]) -> dict[str, StyleSpec]:
    """Return each style with its rows of the bank."""
    described, first = {}, 0
    for name, found in styles.items():
        count = min(SEEDS, len(found.train))
        described[name] = StyleSpec(seeds=tuple(range(first, first + count)))
        first += count
    return described


class SoundVoice(VoiceKind):
    """A network of sound, with moments of its training pieces as seeds."""

    program = "export.wave.to_voice"
    step: SoundStep

    def __init__(self, args: argparse.Namespace) -> None:
        folders = named(args.corpora)
        family = FAMILIES[args.family]
        self.trained, model = checkpoint.load_model(args.checkpoint, KINDS[family])
        config, rate = model.config, model.config.rate
        corpora = {name: audio.read_folder(folder, rate) for name, folder in folders.items()}
        if family == "block":
            if len(corpora) != 1:
                raise CorpusError(
                    f"{args.checkpoint}: the paper's network has one style, not {len(corpora)}"
                )
            self.sound = AudioSpec(rate, config.hop, config.length, "spectrum", TUNE[family])
            self.step = BlockStep(model, block_bank(model, corpora))
        else:
            if tuple(corpora) != config.styles:
                raise CorpusError(
                    f"{args.checkpoint}: its styles are {', '.join(config.styles)}, in this order"
                )
            grid = Grid(rate=rate, hop=config.hop)
            self.sound = AudioSpec(rate, grid.hop, 2 * grid.hop, "samples", TUNE[family])
            self.step = PartialStep(model, grid, partial_bank(model, grid, corpora))
        self.step, self.styles = self.step.eval(), seeds_of(corpora)

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("corpora", nargs="+", metavar="STYLE=FOLDER")
        parser.add_argument("--family", choices=FAMILIES, default="wave")

    def graphs(self) -> tuple[bytes, bytes]:
        return graphs(self.step, len(self.styles))

    def compare(self, fp32: bytes, int8: bytes) -> SoundParity:
        return parity.compare(self.step, self.sound, fp32, int8)

    def spec(self, name: str, _report: SoundParity) -> VoiceSpec:
        shapes = zip(self.step.states, self.step.widths(), strict=True)
        return VoiceSpec(
            name=name,
            kind="audio",
            heads=(),
            states=tuple(TensorSpec(state, (width,), "float32") for state, width in shapes),
            latent=0,
            tags=tuple(f"set:{style}" for style in self.styles),
            styles=self.styles,
            credits=(),
            quality={"dev": round(self.trained.progress["best"], 4)},
            model=sizes_of(self.trained),
            noise=self.step.noise,
            audio=self.sound,
        )

    def figures(self, report: SoundParity) -> list[Figure]:
        where, steps = f"{report.steps} blocks from a seed", report.steps
        return [
            (where, "sample, torch and ONNX fp32, largest error", "", report.error, steps,
             "at most 1e-4"),
            (where, "log-spectral distance, int8 from fp32", "dB", report.int8_distance, steps,
             None),
            (where, "sound made, x real time, inverse transform included", "", report.speed, steps,
             "at least 1.5"),
            (where, "graph", "bytes", report.bytes, steps, None),
        ]  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Write the voice and its parity report; exit code 1 where parity does not hold."""
    return pipeline.run(SoundVoice, __doc__, argv)


if __name__ == "__main__":
    sys.exit(main())
