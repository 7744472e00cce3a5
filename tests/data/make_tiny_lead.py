"""Make `tiny_lead.onnx`, a voice of melody, chords and bass for the runtime's tests.

    python tests/data/make_tiny_lead.py

Its weights are random, but it prefers to hold the chord that sounds, and pitches in the middle.
"""

from pathlib import Path

import torch
from make_tiny_frames import HIDDEN, draw, style, voice
from torch import nn

from stream.compose.polyphony.lead_frames import HEADS

LEAD = Path(__file__).with_name("tiny_lead.onnx")
CENTERS = (53.0, 24.0)
"""Central classes of melody and bass: MIDI 72 and 43."""


class Lead(nn.Module):
    """A model that samples each head from the frame before; a frame is half of a unit."""

    heads = HEADS[1]
    ticks = 24
    tags = ("bar:4", "closing")
    noise = 3
    latent = 0

    def __init__(self):
        super().__init__()
        self.embed = nn.ParameterList(torch.randn(size + 1, HIDDEN) for size in self.heads)
        self.start = nn.Parameter(torch.randn(HIDDEN))
        self.recur = nn.Parameter(torch.randn(HIDDEN, HIDDEN))
        self.out = nn.ParameterList(0.8 * torch.randn(HIDDEN, size) for size in self.heads)
        line, chord = torch.arange(self.heads[0]), torch.arange(self.heads[1])
        for head, center in ((0, CENTERS[0]), (2, CENTERS[1])):
            near = -(((line - center) / 4) ** 2)
            near[:2] = torch.tensor([3.0, 0.0])
            self.register_buffer(f"near_{head}", near)
        self.register_buffer("near_1", torch.where(chord > 0, 0.0, -1.0))
        self.register_buffer("chords", chord)

    def forward(self, tokens, state, position, style, temperature, noise, force):
        begins = (tokens[0] == self.heads[0]).to(torch.float32)[:, None]
        seen = sum(embed[token] for embed, token in zip(self.embed, tokens, strict=True))
        bar = torch.cos(position.to(torch.float32)[:, None] * (torch.pi / 4))
        state = torch.tanh(0.5 * (state + begins * self.start) @ self.recur + seen + bar)
        held = (self.chords == tokens[1][:, None]).to(torch.float32)
        drawn = []
        for head, near in enumerate((self.near_0, self.near_1, self.near_2)):
            logits = state @ self.out[head] + near
            if head == 1:
                logits = logits + 6.0 * held
            drawn.append(draw(logits, noise[:, head], temperature, force[head]))
        return drawn, state


def main():
    torch.manual_seed(5)
    model = Lead()
    styles = {
        "band": style(model, "4x48", "abaBcd", 2.0, activity=(0.05, 0.9), no_chord=(0.0, 0.5)),
    }
    LEAD.write_bytes(voice("tiny_lead", "chords_melody", model, styles))


if __name__ == "__main__":
    main()
