import dataclasses

import numpy as np
import pytest

from benchmarks.music import long_run, novelty
from benchmarks.music.long_run import Played, Tally
from benchmarks.music.tunes import Tune
from stream.compose.composer import Composer
from stream.compose.melody.vocabulary import TWELFTHS, encode_pitch
from stream.compose.tunes.tune import Melody
from stream.music.note import Controls, Note, Phrase
from stream.music.verdict import Rule, Verdict
from tests.benchmarks.music.tunes import OUTLINED, TINY

BAR = 192


PLAIN = Verdict()


def phrase(length, verdict=PLAIN, begin=60):
    notes = tuple(Note(24 * i, 24, begin + i % 5) for i in range(length // 24))
    return Phrase(notes, length, 120.0, 0, 0, "even", "tiny", 1, BAR, verdict)


def melody(seed, notes=30):
    rng = np.random.default_rng(seed)
    return rng.integers(50, 80, notes), rng.choice([6, 12, 24], notes)


def test_a_tune_is_its_phrases_one_after_another():
    tune = Tune((phrase(48), phrase(72, begin=70)), 24)
    assert tune.begins == [0, 48, 120]
    assert [(n.onset, n.pitch) for n in tune.notes] == [
        (0, 60), (24, 61), (48, 70), (72, 71), (96, 72)
    ]  # fmt: skip
    assert tune.tokens.tolist() == [[*encode_pitch(n.pitch), 5] for n in tune.notes]
    assert [series.tolist() for series in tune.melody] == [[60, 61, 70, 71, 72], [12] * 5]


def test_companions_are_no_part_of_a_tune():
    one = phrase(48)
    low = [Note(n.onset, n.duration, n.pitch - 24, n.velocity, channel=6) for n in one.notes]
    both = dataclasses.replace(one, notes=(*one.notes, *low))
    assert Tune((both, both), 24).notes == Tune((one, one), 24).notes


@pytest.mark.parametrize(
    ("lengths", "broken"),
    [
        ((4, 4, 4), 0),
        ((3.5, 4, 4), 0),
        ((4, 4.5, 3.5), 1),
        ((4, 4.5, 4), 2),
    ],
)
def test_bars_count_from_the_end_of_the_first_phrase(lengths, broken):
    assert Tune(tuple(phrase(int(n * BAR)) for n in lengths), 24).broken_bars() == broken


def test_phrases_are_counted_by_their_verdicts():
    bad = (Rule("pitch", 3, 0, 2), Rule("bar_line", 1, 0, 0), Rule("length", 1, 0, 2))
    verdicts = [
        Verdict(bad, 8, 0),
        Verdict((), 0, 0),
        Verdict(bad[2:], 4, 3),
        Verdict(bad[:1], 8, 0),
    ]
    tally = Tally()
    tally.add(Tune(tuple(phrase(BAR, v) for v in verdicts), 24), candidates=2)
    tally.add(Tune((phrase(BAR), phrase(0), phrase(BAR + 24)), 24), candidates=1)
    assert tally == Tally(7, 1, 13.0, 2, {"pitch": 2, "bar_line": 1}, 1, 1)
    assert tally.new == 6


def test_returning_runs_and_whole_tunes_are_counted():
    def at(hour, one):
        return Played("even", one, 3600.0 * hour, 3600.0 * hour + 60)

    first = melody(1)
    longer = tuple(np.concatenate(both) for both in zip(melody(2), first, strict=True))
    moved = first[0] + 3, first[1]
    tunes = [at(0, first), at(1, melody(3)), at(2, longer), at(8, moved), at(20, melody(4))]
    assert novelty.repeated(tunes) == (1, 2, 1)
    assert novelty.repeated(tunes[1:]) == (0, 1, 0)


@pytest.mark.parametrize("voice", [TINY, OUTLINED])
def test_the_stream_is_played_to_the_end_of_a_tune(voice):
    found = long_run.run(Composer(voice), 5, Controls(candidates=2), 0.05)
    ends = [t.end for t in found.tunes]
    assert [t.begin for t in found.tunes] == [0.0, *ends[:-1]]
    assert ends[-2] < 180 <= ends[-1]
    assert found.hours == ends[-1] / 3600
    assert found.tally.phrases >= 3 * len(ends)
    assert {t.style for t in found.tunes} <= {"even", "odd"}


@pytest.mark.parametrize("voice", [TINY, OUTLINED])
def test_each_style_is_compared_with_real_tunes(tmp_path, voice):
    composer = Composer(voice)
    found = long_run.run(composer, 5, Controls(candidates=2), 0.05)
    styles = sorted({t.style for t in found.tunes})
    stolen = next(t.melody for t in found.tunes if t.style == styles[0])
    classes = [TWELFTHS.index(n) for n in stolen[1].tolist()]
    tokens = [(*encode_pitch(p), d) for p, d in zip(stolen[0].tolist(), classes, strict=True)]
    real = Melody(np.array(tokens, np.uint8), "", styles[0], 1, 24, 8, "major", "train")
    corpus = [real, *(dataclasses.replace(real, style=s, split="test") for s in styles)]
    readings = novelty.readings(found.tunes, corpus, composer.spec.styles)
    assert [r.style for r in readings] == styles
    longest = min(len(tokens) - 1, 64)
    assert readings[0].composed.longest.max() == longest
    assert [r.real.longest.tolist() for r in readings] == [[longest]] * len(styles)
    assert [r.real.share(12) for r in readings] == [1.0] * len(styles)
    for reading in readings:
        rows = novelty.style_records(reading)
        shares = [r for r in rows if r.measure.startswith("share of runs that return")]
        assert [r.value for r in shares] == pytest.approx(
            [reading.forms.mean(), np.median(reading.forms)]
        )
        assert all(r.paper.endswith(("(inside)", "(outside)")) for r in shares)
    novelty.draw(readings, tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 10_000
