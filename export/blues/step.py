"""The step graph of the blues voice: clock and lines as one memory, a frame for K candidates.

The two run in one product of one matrix: the clock's cells hear no other, and move only in the last
frame of a half bar. Chords are decided, not drawn: the likeliest at the head of each half bar, held
to its end. Temperature and nucleus are the lines'. The weight of the tag `mode:KEY` says in which
key: inside everything is in C.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from export.blues.forms import BAR, CHORDS, HALF, KEYS, STYLES, chord_tones
from export.models.blues.trio import BASS_LOW, CLASSES, ECHO, MELODY_LOW, PITCHES, Lines, Trio
from export.models.step import told
from export.polyphony.step import PERIOD, FrameStep, Shape
from stream.compose.polyphony.lead_frames import BELOW, HEADS, LINE, STRUCK
from stream.compose.polyphony.voicing import CLASSES as CHORD_CLASSES
from stream.compose.polyphony.voicing import pitch_classes
from stream.voice import TensorSpec

KIND = "chords_melody"
TAGS = (*(f"style:{name}" for name in STYLES), *(f"mode:{key}" for key in KEYS))
LOWS = (MELODY_LOW, BASS_LOW)
OCTAVE = 12


class BluesStep(FrameStep):
    """States: the outputs and cells of the memory; what sounds in each part and the melody of the
    last four bars, int64, one more than the class, 0 for nothing.
    """

    def __init__(self, model: Trio) -> None:
        cells = model.config.clock + model.config.lines
        states = (
            TensorSpec("memory", (2 * cells,), "float32"),
            TensorSpec("heard", (2 + ECHO,), "int64"),
        )
        super().__init__(Shape(KIND, HEADS[1], states, TAGS, noise=2))
        self.clock_cells, self.cells = model.config.clock, cells
        with torch.no_grad():
            for name, value in (_weights(model) | _tables()).items():
                self.register_buffer(name, value)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """The outputs that `shape` names, from the inputs that it names."""
        melody, chord, bass, memory, heard, position, _, tags, temperature, top_p, noise = inputs[
            :11
        ]
        del bass
        begins = melody == LINE
        position = torch.where(begins, 0, position)
        memory = torch.where((position == 0)[:, None] & self.of_clock, 0.0, memory)
        memory = torch.where(begins[:, None], 0.0, memory)
        heard = torch.where(begins[:, None], 0, heard)
        key = tags[:, len(STYLES) :].argmax(-1)
        style, phase = tags[:, : len(STYLES)], position % BAR
        h, c = memory.chunk(2, -1)
        around = torch.cat([h, style], -1)
        index = self._chord(around, (chord, key, phase), inputs[12])
        h, c = self._moved(c, around, heard, (index, phase))
        tokens, log_prob, entropy = self._lines(h, key, (temperature, top_p, noise), inputs)
        own = self.own[key[:, None] * (LINE + 1) + tokens + self.parts]
        sounding = torch.where(own == 0, heard[:, :2], own + 1)
        heard = torch.cat([sounding, heard[:, 3:], own[:, :1] + 1], -1)
        played = torch.where(inputs[12] >= 0, inputs[12], self.chords[key * len(CHORDS) + index])
        memory = torch.cat([h, c], -1)
        after = (memory, heard, (position + 1) % PERIOD)
        return tokens[:, 0], played, tokens[:, 1], *after, log_prob, entropy

    def _chord(
        self, around: Tensor, now: tuple[Tensor, Tensor, Tensor], force: Tensor
    ) -> Tensor:
        """[K] index of the chord of this frame."""
        chord, key, phase = now
        decided = (around @ self.decide + self.decide_bias).argmax(-1)
        given = torch.where(force >= 0, force, chord)
        known = self.known[key * (CHORD_CLASSES + 1) + given]
        return torch.where((phase % HALF == 0) & (force < 0), decided, known)

    def _moved(
        self, c: Tensor, around: Tensor, heard: Tensor, now: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Outputs and cells [K, cells] after this frame."""
        index, phase = now
        columns = torch.stack([heard[:, 0], heard[:, 1], index, phase, heard[:, 2]], -1)
        gates = self.table[columns + self.starts].sum(1) + around @ self.recurrent
        opened, g = gates.split([3 * self.cells, self.cells], -1)
        i, f, o = torch.sigmoid(opened).chunk(3, -1)
        moves = self.moves[phase]
        next_c = f * c + i * torch.tanh(g)
        next_h = o * torch.tanh(next_c)
        h = around[:, : self.cells]
        return torch.where(moves, next_h, h), torch.where(moves, next_c, c)

    def _lines(
        self,
        h: Tensor,
        key: Tensor,
        options: tuple[Tensor, Tensor, Tensor],
        inputs: tuple[Tensor, ...],
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Melody and bass [K, 2], their log-probability [K] and entropy [K]."""
        temperature, top_p, noise = options
        logits = (h @ self.speak + self.speak_bias).unflatten(-1, (2, CLASSES))
        p = torch.softmax(logits / temperature, -1)
        # As `models.step.choose`, both parts at once.
        likelier = p[..., None, :] > p[..., None]
        nucleus = (likelier * p[..., None, :]).sum(-1) < top_p
        cumulative = torch.cumsum(p * nucleus, -1)
        target = torch.clamp(noise, max=1 - 2**-23)[..., None] * cumulative[..., -1:]
        drawn = (cumulative <= target).sum(-1)
        force = torch.stack([inputs[11], inputs[13]], -1)
        there = torch.clamp(force, min=0) + key[:, None] * (LINE + 1) + self.parts
        own = torch.where(force >= 0, self.own[there], drawn)
        log_prob, entropy = told(logits, own)
        said = self.said[(key[:, None] * 2 + self.side) * CLASSES + own]
        return torch.where(force >= 0, force, said), log_prob.sum(-1), entropy.sum(-1)


def _weights(model: Trio) -> dict[str, Tensor]:
    """Clock and lines as one memory; a gate's columns are the clock's cells, then the lines'."""
    clock, lines = model.clock, model.lines
    cells, wide = model.config.clock, model.config.lines
    a, b = clock.memory, lines.memory
    known = a.weight_ih_l0.shape[1] - len(STYLES)
    around_style, around_place = lines.around.weight.split([len(STYLES), cells], 1)
    into = b.weight_ih_l0
    # Rows: outputs of the clock, of the lines, styles.
    of_clock = [a.weight_hh_l0.T, torch.zeros(wide, 4 * cells), a.weight_ih_l0[:, known:].T]
    of_lines = [(into @ around_place).T, b.weight_hh_l0.T, (into @ around_style).T]
    table = torch.zeros(sum(Lines.SIZES), 4 * cells)
    chords = slice(int(lines.starts[2]), int(lines.starts[3]))
    table[chords] = a.weight_ih_l0[:, :known].T + a.bias_ih_l0 + a.bias_hh_l0
    heard = lines.table.weight @ into.T
    heard[chords] += into @ lines.around.bias + b.bias_ih_l0 + b.bias_hh_l0
    phases = torch.arange(BAR) % HALF == HALF - 1
    decide = torch.zeros(cells + wide + len(STYLES), len(CHORDS))
    place, style = clock.output.weight.split([cells, len(STYLES)], 1)
    decide[:cells], decide[cells + wide :] = place.T, style.T
    speak = torch.cat([torch.zeros(cells, 2 * CLASSES), lines.output.weight.T])
    one = torch.cat([torch.ones(cells), torch.zeros(wide)]).bool()
    return {
        "recurrent": _interleaved(torch.cat(of_clock), torch.cat(of_lines)),
        "table": _interleaved(table, heard), "starts": lines.starts.clone(),
        "moves": phases[:, None] | ~one, "of_clock": torch.cat([one, one]),
        "decide": decide, "decide_bias": clock.output.bias.clone(),
        "speak": speak, "speak_bias": lines.output.bias.clone(),
    }  # fmt: skip


def _interleaved(clock: Tensor, lines: Tensor) -> Tensor:
    """Columns of both by gate: input, forget, output, and last what goes into the cells."""
    i, f, g, o = (
        torch.cat(pair, 1) for pair in zip(clock.chunk(4, 1), lines.chunk(4, 1), strict=True)
    )
    return torch.cat([i, f, o, g], 1).contiguous()


def _tables() -> dict[str, Tensor]:
    """From classes of lead sheets in each key to own ones in C, and back."""
    keys = list(KEYS.values())
    own, said = np.zeros((2, len(keys), LINE + 1), int), np.zeros((len(keys), 2, CLASSES), int)
    known = np.zeros((len(keys), CHORD_CLASSES + 1), int)
    chords = np.zeros((len(keys), len(CHORDS)), int)
    for k, key in enumerate(keys):
        for part, low in enumerate(LOWS):
            lowest = low + key
            for token in range(LINE):
                own[part, k, token] = token if token < STRUCK else _folded(token + BELOW - lowest)
            struck = np.arange(PITCHES) + lowest - BELOW
            said[k, part] = [*range(STRUCK), *struck]
        for chord in range(CHORD_CLASSES + 1):
            known[k, chord] = _nearest(_transposed(chord, -key)) if chord < CHORD_CLASSES else 0
        chords[k] = [_transposed(chord, key) for chord in CHORDS]
    return {
        "own": torch.from_numpy(own.reshape(-1)), "said": torch.from_numpy(said.reshape(-1)),
        "known": torch.from_numpy(known.reshape(-1)), "chords": torch.from_numpy(chords.reshape(-1)),
        "parts": torch.tensor([0, len(keys) * (LINE + 1)]), "side": torch.tensor([0, 1]),
    }  # fmt: skip


def _folded(above: int) -> int:
    """Own class of the pitch so far above the lowest, moved by octaves into the range."""
    while above < 0:
        above += OCTAVE
    while above >= PITCHES:
        above -= OCTAVE
    return STRUCK + above


def _transposed(chord: int, semitones: int) -> int:
    """The class of a chord in another key; no chord stays none."""
    if chord == 0:
        return 0
    quality, root = divmod(chord - 1, OCTAVE)
    return 1 + OCTAVE * quality + (root + semitones) % OCTAVE


def _nearest(chord: int) -> int:
    """Index of the chord of the forms that has most in common with this one, its root above all."""
    notes = pitch_classes(chord)
    return max(range(len(CHORDS)), key=lambda i: _alike(notes, chord_tones(CHORDS[i])))


def _alike(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, int]:
    return len(set(one) & set(other)), int(bool(one) and one[0] == other[0])
