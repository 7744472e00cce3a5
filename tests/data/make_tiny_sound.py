"""Make `tiny_sound.onnx` and `tiny_spectrum.onnx`, audio voices for the runtime's tests.

    python tests/data/make_tiny_sound.py

They have no network: each block holds three slowly decaying sines, which the noise strikes again,
so that tests can predict the sound. The first state holds the amplitudes, the second counts the
blocks.
"""

import math
import warnings
from pathlib import Path

import torch
from make_tiny_frames import stripped
from torch import nn

from stream.voices.graph_check import OPSET
from stream.voices.spec import AudioSpec, StyleSpec, TensorSpec, VoiceSpec, append_spec

SOUND = Path(__file__).with_name("tiny_sound.onnx")
SPECTRUM = Path(__file__).with_name("tiny_spectrum.onnx")
SAMPLES = AudioSpec(rate=8000, hop=200, length=400, synthesis="samples", tune=4.0)
LINES = AudioSpec(rate=8000, hop=1000, length=1200, synthesis="spectrum", tune=4.0)
FREQUENCIES = torch.tensor([240.0, 360.0, 600.0])
"""Frequencies in Hz, with whole cycles in a second, so that blocks may count from any second."""
BANK = torch.tensor([[0.2, 0.0, 0.0], [0.0, 0.2, 0.0], [0.1, 0.1, 0.1], [0.0, 0.0, 0.3]])
"""Amplitudes at the start of tunes: the style `low` has the first two, `high` the others."""
TAGS = ("set:low", "set:high")
DECAY = 0.98
STRUCK = 0.1


class Strings(nn.Module):
    """Three strings; the style sets how hard the first and the last are struck."""

    def __init__(self, audio):
        super().__init__()
        self.hop, self.rate = audio.hop, audio.rate
        self.register_buffer("bank", BANK)
        time = torch.arange(audio.length) / audio.rate
        angle = 2 * math.pi * FREQUENCIES[:, None] * time
        shapes = torch.stack((angle.sin(), angle.cos()))
        if audio.synthesis == "spectrum":
            lines = torch.fft.rfft(shapes)
            shapes = torch.cat((lines.real, lines.imag), -1)
        else:
            shapes = shapes * torch.hann_window(audio.length)
        self.register_buffer("shapes", shapes.to(torch.float32))
        self.register_buffer("turn", 2 * math.pi * FREQUENCIES * audio.hop / audio.rate)
        self.period = audio.rate // math.gcd(audio.rate, audio.hop)

    def forward(self, amplitude, count, style, temperature, noise, seed):
        fresh = (seed >= 0).to(torch.float32)[:, None]
        index = torch.clamp(seed, min=0)
        amplitude = amplitude * (1 - fresh) + self.bank[index] * fresh
        weight = torch.cat((style[:, :1], style[:, :1] * 0, style[:, 1:]), -1)
        struck = (noise[:, :3] > 0.97).to(torch.float32) * weight * temperature * STRUCK
        angle = self.turn * count.to(torch.float32)[:, None]
        sines = (amplitude * angle.cos()) @ self.shapes[0]
        cosines = (amplitude * angle.sin()) @ self.shapes[1]
        return amplitude * DECAY + struck, (count + 1) % self.period, sines + cosines


def to_onnx(audio):
    """Return the step as a serialized ONNX graph."""
    example = (
        torch.zeros(1, 3), torch.zeros(1, dtype=torch.int64), torch.zeros(1, len(TAGS)),
        torch.tensor(1.0), torch.rand(1, 3), torch.tensor([-1]),
    )  # fmt: skip
    names = ["state_0", "state_1", "style", "temperature", "noise", "seed_index"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = torch.onnx.export(
            Strings(audio).eval(), example, input_names=names,
            output_names=["next_state_0", "next_state_1", "block"],
            dynamo=True, opset_version=OPSET, verbose=False,
        ).model_proto  # fmt: skip
    return stripped(graph)


def voice(name, audio):
    spec = VoiceSpec(
        name=name, kind="audio", heads=(), latent=0, tags=TAGS, noise=3, audio=audio,
        states=(TensorSpec("amplitude", (3,), "float32"), TensorSpec("count", (), "int64")),
        styles={"low": StyleSpec(seeds=(0, 1)), "high": StyleSpec(seeds=(2, 3))},
        credits=("Sines: no data.",),
    )  # fmt: skip
    return append_spec(to_onnx(audio), spec)


def main():
    SOUND.write_bytes(voice("tiny_sound", SAMPLES))
    SPECTRUM.write_bytes(voice("tiny_spectrum", LINES))


if __name__ == "__main__":
    main()
