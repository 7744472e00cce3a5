"""The records and the page of results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks import record
from benchmarks.record import Readings, Record, markdown

MEASURES = {
    "dev": ("dev MSE, standardised", ""),
    "ahead": ("log-spectral distance, one block ahead", "dB"),
    "ahead_shape": ("log-spectral distance, one block ahead, level left out", "dB"),
    "free": ("log-spectral distance, free", "dB"),
    "free_shape": ("log-spectral distance, free, level left out", "dB"),
    "free_mean": ("log-spectral distance, free, what is expected", "dB"),
    "free_mean_shape": ("log-spectral distance, free, what is expected, level left out", "dB"),
    "flatness": ("spectral flatness, free", ""),
    "out_of_band": ("energy out of the band of the music, free", ""),
    "level": ("level, free", "dB"),
    "sameness": ("sameness, free", ""),
    "click": ("roughness of block borders, one block ahead", "x"),
    "click_bare": ("roughness of block borders, one block ahead, not overlapped", "x"),
    "click_free": ("roughness of frame borders, free", "x"),
    "click_real": ("roughness of real sound at the same places", "x"),
    "quietest": ("endless: the quietest second", "dB"),
    "loudest": ("endless: the loudest second", "dB"),
    "silent": ("endless: seconds below -50 dB", ""),
    "sameness_first": ("endless: sameness in the first minute", ""),
    "sameness_last": ("endless: sameness in the last minute", ""),
    "speed": ("sound made in a second of one core, inverse transform included", "s"),
    "parameters": ("parameters", ""),
}
"""Names and units of the measures."""
COLUMNS = (
    "dev",
    "ahead",
    "ahead_shape",
    "free",
    "free_shape",
    "flatness",
    "out_of_band",
    "sameness",
)
PAPER = {
    "dev": "LSTM slightly below GRU", "flatness": "GRU mostly white noise", "out_of_band":
"GRU more" }  # fmt: skip
INTRODUCTION = """# Waveform: LSTM and GRU on raw audio, measured again

[Nayebi and Vitelli (2015)](https://cs224d.stanford.edu/reports/NayebiAran.pdf) predict the next
quarter of a second of sound from the last ones. Two corpora, made by
`python -m export.wave.render --out runs/wave/corpus`, composed by the voice `chorale`. *band*: four
instruments and drums of General MIDI in a room, each piece at its own tempo; *electronic*: a
synthesizer's lead and bass on a grid of 0.25 s, no room. Each has pieces of 45 s: {pieces}.
The paper's songs and its size (44.1 kHz, 2048 units) are not these: its orders can be compared, not
its figures, and it prints none."""
PROTOCOL = """Less is better except in the last three columns, which are to be close to the real
pieces. ± is the standard deviation over the seeds.

- *dev MSE*: of the standardised real and imaginary parts of the next block, state carried over
  clips of 10 s; 1 is the error of the mean of the training blocks on training blocks. The epoch
  with the smallest error is used.
- *log-spectral distance*: spectrograms of 512 samples, Hann, every 128; dB of a sine at full scale,
  not below -60; per frame the root mean square over frequencies, and the mean over frames. *One
  block ahead*: each block of the pieces predicted from all real sound before its first sample,
  compared alone. *Free*: a seed of the piece's first 10 s, then 30 s without real input; the
  first 10 s are compared with the piece itself. *Level left out*: the mean difference of each frame
  is subtracted first, so that a quiet prediction is not punished.
- *flatness*: spectral flatness of the 30 s, three times the seed; 1 is white noise. *Out of band*:
  share of their energy outside the lines that hold 99 % of the training pieces'.
- *sameness*: of the last 20 s. 1 is a loop, or a tone that never changes; see the real pieces.
- *Ours* is one model of both styles; the paper has a network for each style. Our model samples, the
  paper's networks predict the mean that minimizes squared error, and a sample is further from the
  true continuation than a mean. So one block ahead ours predicts a mean as well, that of the
  amplitudes of 16 sampled continuations. Free it samples, as the voice plays; its mean is among the
  claims.
- *The history*: this mean was chosen on a small run (five pieces a style, its dev piece), where
  the mean level that was fed back until then had lost on *electronic* one block ahead (8.08 dB;
  GRU 7.77): it was 8 dB too quiet in the bass. A sample had 8.15 dB, the likeliest one 7.63, the
  mean of levels 8.11, their median 8.46, the mean of amplitudes 7.60 (on *band*: 6.82, 7.41, 7.39,
  6.87, 7.21, 6.63). The levels of the real block, analyzed and synthesized again, are 4.3 dB from
  it: no model of these levels can come nearer. {heard}"""
HELD_OUT = "All figures here are of pieces that were used for no choice."
NOT_HELD_OUT = "All figures here are of the dev pieces, which also chose the epochs."


def records(found: Mapping[tuple[str, str], Sequence[Mapping[str, float]]]) -> list[Record]:
    """Return means over the seeds by system and set."""
    made = []
    for (title, style), runs in found.items():
        for key, (measure, unit) in MEASURES.items():
            values = tuple(run[key] for run in runs if key in run)
            if values:
                r = Readings(values)
                made.append(
                    Record(title, style, measure, unit, r.mean, r.sd, len(values), PAPER.get(key))
                )
    return made


def text(
    records: Sequence[Record], verdicts: Sequence[tuple[str, str]], pieces: str, call: str
) -> str:
    """Return the page in Markdown; `pieces` names the training, dev and test pieces."""
    heard = HELD_OUT if "test" in pieces else NOT_HELD_OUT
    parts = [INTRODUCTION.format(pieces=pieces)]
    for style in dict.fromkeys(r.set for r in records if "H = " not in r.system):
        parts += [f"## {style}", _columns(records, style)]
    parts += [
        PROTOCOL.format(heard=heard),
        "![Mean spectra one block ahead, and the error against the width](waveform.png)",
        "## The claims", markdown(("claim", "found"), verdicts),
        *record.all_figures(records, call),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _columns(records: Sequence[Record], style: str) -> str:
    """Return a table with rows of systems, and columns of the main measures."""
    names = [MEASURES[key][0] for key in COLUMNS]
    cells = {(r.system, r.measure): r for r in records if r.set == style}
    rows = [
        (system, *(_cell(cells.get((system, name))) for name in names))
        for system in dict.fromkeys(s for s, _ in cells)
        if "H = " not in system
    ]
    heads = [f"{name} ({MEASURES[key][1]})" if MEASURES[key][1] else name
             for key, name in zip(COLUMNS, names, strict=True)]  # fmt: skip
    return markdown(("system", *heads), rows)


def _cell(found: Record | None) -> str:
    if found is None:
        return "-"
    spread = f" ± {record.figure(found.sd)}" if found.sd is not None else ""
    return record.figure(found.value) + spread
