"""The step graph of the blues voice: clock and lines as one memory, a frame for K candidates.

The two run in one product of one matrix: the clock's cells read no others, and move only in the
last frame of a half bar. Chords are decided, not drawn: the likeliest at the head of each half bar,
held to its end. Temperature and nucleus are the lines'. The weight of the tag `mode:KEY` says in
which key: inside everything is in C. The equations are those of `export.models.blues.trio`.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from export.blues.forms import BAR, CHORDS, HALF, KEYS, STYLES, chord_tones
from export.corpus.chords.keys import chord_classes
from export.frames.step import PERIOD, FrameStep, Shape
from export.models.blues.trio import BASS_LOW, CLASSES, ECHO, MELODY_LOW, PITCHES, Lines, Trio
from export.models.step import likely
from stream.compose.polyphony.lead_frames import BELOW, ENDS, GOES_ON, HEADS, LINE, STRUCK
from stream.compose.polyphony.voicing import CLASSES as CHORD_CLASSES
from stream.compose.polyphony.voicing import pitch_classes
from stream.music.scale import folded
from stream.voices.spec import TensorSpec

KIND = "chords_melody"
TAGS = (*(f"style:{name}" for name in STYLES), *(f"mode:{key}" for key in KEYS))
LOWS = (MELODY_LOW, BASS_LOW)


class BluesStep(FrameStep):
    """A voice's step of a `Trio`.

    Its states are outputs and cells of the LSTMs, and the sounding class of each part with the
    melody of the last four bars, int64, one more than the class, 0 for nothing.
    """

    recurrent: Tensor
    table: Tensor
    starts: Tensor
    moves: Tensor
    begun: Tensor
    heads: Tensor
    bias: Tensor
    speak: Tensor
    speak_bias: Tensor
    to_own: Tensor
    to_tokens: Tensor
    known: Tensor
    chords: Tensor
    token_rows: Tensor
    own_rows: Tensor

    def __init__(self, model: Trio) -> None:
        cells = model.config.clock + model.config.lines
        states = (
            TensorSpec("memory", (2 * cells,), "float32"),
            TensorSpec("heard", (2 + ECHO,), "int64"),
        )
        super().__init__(Shape(KIND, HEADS[1], states, TAGS, noise=2))
        self.cells, self.widths = cells, (4 * cells, len(CHORDS))
        with torch.no_grad():
            for name, value in (_weights(model) | _tables()).items():
                self.register_buffer(name, value)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs that `shape` names, from the inputs that it names.

        A tune begins with states of zeros, so START adds nothing.
        """
        # Chord, position and forces int64 [K], history int64 [K, 2 + ECHO], memory [K, 2 cells].
        _, chord, _, memory, history, position, _, tags, temperature, top_p, noise, *force = inputs
        memory = memory * F.embedding(torch.clamp(position, 0, 1), self.begun)
        h, c = memory.chunk(2, -1)  # [K, cells] each
        found = torch.addmm(self.bias, torch.cat([h, tags], -1), self.recurrent)
        gates, decided = found.split(self.widths, -1)  # [K, 4 cells], [K, chords]
        key, phase = tags[:, len(STYLES) :].argmax(-1), position % BAR  # int64 [K] each
        index, chord = self._chord(decided, (chord, key, phase), force[1])  # int64 [K] each
        before = history[:, :3]
        columns = torch.cat([before, index[:, None], phase[:, None]], -1)  # [K, 5]
        opened, g = (gates + F.embedding(columns + self.starts, self.table).sum(1)).split(
            [3 * self.cells, self.cells], -1
        )
        i, f, o = torch.sigmoid(opened).chunk(3, -1)  # [K, cells] each
        c = f * c + i * torch.tanh(g)
        h = o * torch.tanh(c)
        memory = torch.where(F.embedding(phase, self.moves), torch.cat([h, c], -1), memory)
        # Melody and bass: logits [K, 2, CLASSES], classes int64 [K, 2].
        logits = torch.addmm(self.speak_bias, h, self.speak).unflatten(-1, (2, CLASSES))
        sounding = before[:, :2]
        rows = F.embedding(key, self.token_rows) + sounding * CLASSES
        token = self.to_tokens[rows + _drawn(logits, temperature, top_p, noise)]
        forced = torch.stack([force[0], force[2]], -1)
        token = torch.where(forced >= 0, forced, token)
        own = self.to_own[F.embedding(key, self.own_rows) + token]
        sounding = torch.where(own == 0, sounding, own + 1)
        history = torch.cat([sounding, history[:, 3:], (own + 1)[:, :1]], -1)
        log_p = torch.log_softmax(logits, -1)  # [K, 2, CLASSES]
        log_prob = torch.gather(log_p, -1, own[..., None]).sum((-2, -1))  # [K]
        entropy = -(log_p.exp() * log_p).sum((-2, -1))  # [K]
        after = (memory, history, (position + 1) % PERIOD)
        return token[:, 0], chord, token[:, 1], *after, log_prob, entropy

    def _chord(
        self, decided: Tensor, now: tuple[Tensor, Tensor, Tensor], force: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return index and class [K] of the chord of this frame."""
        chord, key, phase = now
        new = self.chords[key * len(CHORDS) + decided.argmax(-1)]
        chord = torch.where(self.heads[phase], new, chord)
        chord = torch.where(force >= 0, force, chord)
        return self.known[key * (CHORD_CLASSES + 1) + chord], chord


def _drawn(logits: Tensor, temperature: Tensor, top_p: Tensor, noise: Tensor) -> Tensor:
    """Return own classes [K, 2] of melody and bass, as `models.step.choose`, both at once."""
    p = torch.softmax(logits / temperature, -1)
    # Kept below 1 so that rounding cannot step past the last class.
    share = torch.clamp(noise, max=1 - 2**-23)[..., None]
    return likely(p, share, top_p, CLASSES)


def _weights(model: Trio) -> dict[str, Tensor]:
    """Return clock and lines as one LSTM; a gate has the clock's cells, then the lines'."""
    clock, lines = model.clock, model.lines
    cells, wide = model.config.clock, model.config.lines
    # Weights of input and state, then both biases.
    (a_in, a_state, *a_bias), (b_in, b_state, *b_bias) = (
        part.memory.all_weights[0] for part in (clock, lines)
    )
    known = a_in.shape[1] - len(STYLES)
    around_style, around_place = lines.around.weight.split([len(STYLES), cells], 1)
    # Rows: outputs of the clock, of the lines, styles, and keys, which move neither.
    keys = torch.zeros(len(KEYS), 4 * cells)
    of_clock = [a_state.T, torch.zeros(wide, 4 * cells), a_in[:, known:].T, keys]
    keys = torch.zeros(len(KEYS), 4 * wide)
    of_lines = [(b_in @ around_place).T, b_state.T, (b_in @ around_style).T, keys]
    place, style = clock.output.weight.T.split([cells, len(STYLES)])
    decide = [place, torch.zeros(wide, len(CHORDS)), style, torch.zeros(len(KEYS), len(CHORDS))]
    memory = _interleaved(torch.cat(of_clock), torch.cat(of_lines))
    chords = slice(int(lines.starts[3]), int(lines.starts[4]))
    table = torch.zeros(sum(Lines.SIZES), 4 * cells)
    table[chords] = a_in[:, :known].T + a_bias[0] + a_bias[1]
    of_inputs = lines.table.weight @ b_in.T
    of_inputs[chords] += b_in @ lines.around.bias + b_bias[0] + b_bias[1]
    phases = torch.arange(BAR) % HALF == HALF - 1
    one = torch.cat([torch.ones(cells), torch.zeros(wide)]).bool().repeat(2)
    return {
        "recurrent": torch.cat([memory, torch.cat(decide)], 1),
        "table": _interleaved(table, of_inputs), "starts": lines.starts.clone(),
        "moves": phases[:, None] | ~one,
        "begun": torch.stack([(~one).float(), torch.ones(len(one))]),
        "heads": torch.arange(BAR) % HALF == 0,
        "bias": torch.cat([torch.zeros(memory.shape[1]), clock.output.bias]),
        "speak": torch.cat([torch.zeros(cells, 2 * CLASSES), lines.output.weight.T]),
        "speak_bias": lines.output.bias.clone(),
    }  # fmt: skip


def _interleaved(clock: Tensor, lines: Tensor) -> Tensor:
    """Return the columns of both by gate: input, forget, output, and last the cells' input."""
    i, f, g, o = (
        torch.cat(pair, 1) for pair in zip(clock.chunk(4, 1), lines.chunk(4, 1), strict=True)
    )
    return torch.cat([i, f, o, g], 1).contiguous()


def _tables() -> dict[str, Tensor]:
    """Return tables from classes of lead sheets in each key to own ones in C, and back."""
    keys = list(KEYS.values())
    own = np.zeros((len(keys), 2, LINE + 1), int)
    tokens = np.zeros((len(keys), 2, CLASSES + 1, CLASSES), int)
    known = np.zeros((len(keys), CHORD_CLASSES + 1), int)
    chords = np.zeros((len(keys), len(CHORDS)), int)
    for k, key in enumerate(keys):
        for part, low in enumerate(LOWS):
            lowest = low + key
            for token in range(LINE):
                pitch = folded(token + BELOW, lowest, lowest + PITCHES - 1)
                own[k, part, token] = token if token < STRUCK else STRUCK + pitch - lowest
            struck = np.arange(PITCHES) + lowest - BELOW
            tokens[k, part] = [*range(STRUCK), *struck]
            # In silence nothing ends: the sampler would have to say so, and step again.
            tokens[k, part, : STRUCK + 1, ENDS] = GOES_ON
        known[k, :CHORD_CLASSES] = [_nearest(chord) for chord in chord_classes(-key).tolist()]
        chords[k] = chord_classes(key)[[*CHORDS]]
    return {
        "to_own": torch.from_numpy(own.reshape(-1)),
        "to_tokens": torch.from_numpy(tokens.reshape(-1)),
        "known": torch.from_numpy(known.reshape(-1)),
        "chords": torch.from_numpy(chords.reshape(-1)),
        "token_rows": _begins(tokens), "own_rows": _begins(own),
    }  # fmt: skip


def _begins(tables: NDArray[np.int64]) -> Tensor:
    """Return where each table [keys, parts, ...] begins in the flat one [keys, parts]."""
    keys, parts = tables.shape[:2]
    return torch.arange(keys * parts).view(keys, parts) * int(tables[0, 0].size)


def _nearest(chord: int) -> int:
    """Return the index of the forms' chord most like this one, its root above all."""
    notes = pitch_classes(chord)
    return max(range(len(CHORDS)), key=lambda i: _alike(notes, chord_tones(CHORDS[i])))


def _alike(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, int]:
    return len(set(one) & set(other)), int(bool(one) and one[0] == other[0])
