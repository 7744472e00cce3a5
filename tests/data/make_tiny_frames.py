"""Make `tiny_chorale.onnx` and `tiny_piano.onnx`, polyphonic voices for the runtime's tests.

    python tests/data/make_tiny_frames.py

Their weights are random, but they prefer to hold sounding notes, above all at a chorale's end. They
have every input, output and property of a real voice.
"""

import warnings
from pathlib import Path

import onnx
import torch
from torch import nn

from stream.compose.polyphony.chorale_frames import PARTS
from stream.compose.polyphony.frames import PERIOD
from stream.compose.polyphony.kinds import HEADS
from stream.compose.polyphony.roll_frames import END, SLOTS
from stream.voices.spec import StyleSpec, TensorSpec, VoiceSpec, append_spec

CHORALE = Path(__file__).with_name("tiny_chorale.onnx")
PIANO = Path(__file__).with_name("tiny_piano.onnx")
HIDDEN = 8
CENTERS = torch.tensor([43.0, 37.0, 31.0, 22.0])
"""Central classes of the parts: MIDI 70, 64, 58, 49."""


def draw(logits, noise, temperature, force):
    """Return class, log-probability and entropy of a head; only real voices use the nucleus."""
    log_p = torch.log_softmax(logits, dim=-1)
    p = torch.softmax(logits / temperature, dim=-1)
    target = torch.clamp(noise, max=1 - 2**-12)[:, None]
    token = (torch.cumsum(p, dim=-1)[:, :-1] <= target).to(torch.int64).sum(-1)
    token = torch.where(force >= 0, force, token)
    log_prob = torch.gather(log_p, 1, token[:, None])[:, 0]
    return token, log_prob, -(log_p.exp() * log_p).sum(-1)


class Chorale(nn.Module):
    """A model that samples each of four parts from the frame before."""

    (heads,) = HEADS["chorale"]
    ticks = 0
    tags = ("mode:major", "mode:minor", "closing")
    noise = PARTS
    latent = 0

    def __init__(self):
        super().__init__()
        self.size = self.heads[0]
        self.embed = nn.Parameter(torch.randn(PARTS, self.size + 1, HIDDEN))
        self.start = nn.Parameter(torch.randn(HIDDEN))
        self.recur = nn.Parameter(torch.randn(HIDDEN, HIDDEN))
        self.mode = nn.Parameter(torch.randn(2, HIDDEN))
        self.out = nn.Parameter(0.8 * torch.randn(PARTS, HIDDEN, self.size))
        classes = torch.arange(self.size)
        near = -(((classes[None] - CENTERS[:, None]) / 4) ** 2)
        near[:, 0] = -3.0
        self.register_buffer("near", near)
        self.register_buffer("classes", classes)

    def forward(self, tokens, state, position, style, temperature, noise, force):
        begins = (tokens[0] == self.size).to(torch.float32)[:, None]
        seen = sum(self.embed[p][tokens[p]] for p in range(PARTS))
        bar = torch.cos(position.to(torch.float32)[:, None] * (torch.pi / 8))
        state = state + begins * self.start
        state = torch.tanh(0.5 * state @ self.recur + seen + style[:, :2] @ self.mode + bar)
        hold = 3.5 + 8.0 * style[:, 2:]
        drawn = []
        for part in range(PARTS):
            held = (self.classes == tokens[part][:, None]).to(torch.float32)
            logits = state @ self.out[part] + self.near[part] + hold * held
            drawn.append(draw(logits, noise[:, part], temperature, force[part]))
        return drawn, state


class Piano(nn.Module):
    """A model of up to twelve pitches from the highest down; it has more noise than heads."""

    (heads,) = HEADS["pianoroll"]
    ticks = 0
    tags = ("set:dances",)
    noise = SLOTS + 3
    latent = 1

    def __init__(self):
        super().__init__()
        self.embed = nn.Parameter(torch.randn(END + 2, HIDDEN))
        self.recur = nn.Parameter(torch.randn(HIDDEN, HIDDEN))
        self.dances = nn.Parameter(torch.randn(1, HIDDEN))
        self.out = nn.Parameter(0.8 * torch.randn(HIDDEN, END + 1))
        classes = torch.arange(END + 1)
        near = -(((classes - 39.0) / 12) ** 2)
        near[END] = 2.5
        self.register_buffer("near", near)
        self.register_buffer("classes", classes)
        self.register_buffer("last", (classes == END).to(torch.float32))

    def forward(self, tokens, state, position, style, temperature, noise, force):
        seen = sum(self.embed[token] for token in tokens)
        bar = torch.cos(position.to(torch.float32)[:, None] * (torch.pi / 4))
        state = torch.tanh(0.5 * state @ self.recur + 0.3 * seen + style @ self.dances + bar)
        held = sum((self.classes == token[:, None]).to(torch.float32) for token in tokens)
        logits = state @ self.out + self.near + 3.0 * held * (1 - self.last)
        limit = 0 * tokens[0] + END
        drawn = []
        for slot in range(SLOTS):
            below = (self.classes < limit[:, None]).to(torch.float32)
            bias = 1e4 * (torch.clamp(below + self.last, max=1.0) - 1) + (slot - 2.0) * self.last
            drawn.append(draw(logits + bias, noise[:, slot], temperature, force[slot]))
            limit = torch.where(drawn[-1][0] == END, 0, drawn[-1][0])
        return drawn, state


class Step(nn.Module):
    """The step of every voice, with inputs and outputs by position."""

    def __init__(self, model, heads):
        super().__init__()
        self.model = model
        self.heads = heads

    def forward(self, *inputs):
        tokens, rest = inputs[: self.heads], inputs[self.heads :]
        state, position, latent, style, temperature, _, noise, *force = rest
        if self.model.latent:
            state = state + 0.1 * latent
        drawn, state = self.model(tokens, state, position, style, temperature, noise, force)
        after = (position + 1) % PERIOD
        scores = (sum(d[1] for d in drawn), sum(d[2] for d in drawn))
        return (*(d[0] for d in drawn), state, after, *scores)


def to_onnx(model):
    """Return the step as a serialized ONNX graph; K, the first dimension, is free."""
    heads, k = model.heads, 4
    numbered = [str(i) for i in range(len(heads))]
    fixed = ["state_0", "state_1", "latent", "style", "temperature", "top_p", "noise"]
    inputs = [*(f"token_{i}" for i in numbered), *fixed, *(f"force_{i}" for i in numbered)]
    outputs = [f"next_token_{i}" for i in numbered]
    outputs += ["next_state_0", "next_state_1", "log_prob", "entropy"]
    example = (
        *(torch.full((k,), h) for h in heads),
        torch.zeros(k, HIDDEN), torch.zeros(k, dtype=torch.int64), torch.zeros(k, model.latent),
        torch.zeros(k, len(model.tags)), torch.tensor(1.0), torch.tensor(1.0),
        torch.rand(k, model.noise), *(torch.full((k,), -1) for _ in heads),
    )  # fmt: skip
    free = torch.export.Dim("K")
    shapes = tuple(None if n in {"temperature", "top_p"} else {0: free} for n in inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = torch.onnx.export(
            Step(model, len(heads)).eval(), example, input_names=inputs, output_names=outputs,
            dynamo=True, dynamic_shapes=(shapes,), opset_version=18, verbose=False,
        ).model_proto  # fmt: skip
    return stripped(graph)


def stripped(graph):
    """Return an ONNX model as bytes, without the exporter's notes."""
    del graph.graph.value_info[:]
    for part in (graph, graph.graph, *graph.graph.node, *graph.graph.input, *graph.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    onnx.checker.check_model(graph)
    return graph.SerializeToString()


def voice(name, kind, model, styles):
    states = (TensorSpec("state_0", (HIDDEN,), "float32"), TensorSpec("state_1", (), "int64"))
    spec = VoiceSpec(
        name=name, kind=kind, heads=model.heads, states=states, latent=model.latent,
        tags=model.tags, styles=styles, credits=("Random weights: no data.",), noise=model.noise,
        ticks=model.ticks,
    )  # fmt: skip
    return append_spec(to_onnx(model), spec)


def style(model, meter, form, last_note=0.0, **bounds):
    center = (0.0,) * model.latent
    return StyleSpec(
        mean=center, spread=center, meters={meter: 1.0},
        modes={"major": 0.5, "minor": 0.5}, bounds=bounds, forms={form: 1.0},
        last_note=last_note, longest_copy=9,
    )  # fmt: skip


def main():
    torch.manual_seed(3)
    model = Chorale()
    bounds = {"density": (3.0, 4.0), "crossings": (0.0, 0.2), "chord_change_entropy": (2.0, 8.0)}
    styles = {"bach": style(model, "16x12", "abaBcd", 4.0, **bounds)}
    CHORALE.write_bytes(voice("tiny_chorale", "chorale", model, styles))
    model = Piano()
    styles = {
        "dances": style(model, "8x24", "abac", density=(0.5, 6.0)),
        "other": style(model, "8x24", "abcd"),
    }
    PIANO.write_bytes(voice("tiny_piano", "pianoroll", model, styles))


if __name__ == "__main__":
    main()
