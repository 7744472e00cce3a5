from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from stream.compose.tunes import rules
from stream.compose.tunes.tune import Tune
from stream.music.note import Note

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


def tune(notes, **fields):
    given = {"title": "t", "style": "folk", "group": 1}
    return Tune(tuple(Note(*note) for note in notes), **(given | fields))


def row(pitches, lengths=(24,), start=0):
    """(onset, duration, pitch), one after another; the lengths are taken in turn."""
    now, notes = start, []
    for i, pitch in enumerate(pitches):
        length = lengths[i % len(lengths)]
        notes.append((now, length, pitch))
        now += length
    return notes


def table(kept):
    """(onset, duration, pitch) of every note; None for a tune that was dropped."""
    return kept and [(n.onset, n.duration, n.pitch) for n in kept.notes]


def lasting(*lengths):
    return tune(row([60] * len(lengths), lengths))


GOOD = tune(row(SCALE * 4), bar=192, mode="major")


@pytest.mark.parametrize(
    ("notes", "downbeat", "kept"),
    [
        (row(SCALE * 2), 0, row(SCALE * 2)),
        # The pickup goes, and the bar line is tick 0.
        (row([55, *SCALE * 2]), 24, row(SCALE * 2)),
        # A note that sounds across the bar line began before it.
        (row([55, *SCALE * 2], (36,)), 24, row(SCALE * 2, (36,), start=12)),
        # Fifteen notes are too few.
        (row(SCALE * 2), 24, None),
        (row(SCALE), 0, None),
        ([], 0, None),
    ],
)
def test_downbeat(notes, downbeat, kept):
    result = rules.downbeat(tune(notes, downbeat=downbeat))
    assert table(result) == kept
    assert result is None or result.downbeat == 0


@pytest.mark.parametrize(
    ("notes", "kept"),
    [
        ([(0, 13, 60), (24, 20, 62)], [(0, 24, 60), (24, 20, 62)]),  # 11 ticks: articulation
        ([(0, 12, 60), (24, 24, 62)], [(0, 12, 60), (24, 24, 62)]),  # 12 ticks: a rest
        ([(0, 24, 60), (24, 24, 62)], [(0, 24, 60), (24, 24, 62)]),
    ],
)
def test_legato(notes, kept):
    assert table(rules.legato(tune(notes))) == kept


@pytest.mark.parametrize(
    ("notes", "kept"),
    [
        # Written music stays as it is: straight, or in triplets.
        (row(SCALE, (24, 12, 6, 6)), row(SCALE, (24, 12, 6, 6))),
        (row(SCALE, (16, 8)), row(SCALE, (16, 8))),
        # One onset in twenty-one off the grid is an ornament.
        ([*row([*([60] * 20), 62], (24,)), (509, 3, 64)], [*row([*([60] * 20), 62]), (509, 3, 64)]),
        # A player's timing: sixteenths, triplets, and the next beat.
        (
            [(1, 20, 60), (25, 20, 62), (47, 16, 64), (65, 13, 65), (79, 15, 67), (97, 47, 69)],
            [(0, 24, 60), (24, 24, 62), (48, 16, 64), (64, 16, 65), (80, 16, 67), (96, 48, 69)],
        ),
        # What snaps to one onset is one note, the later; what ends where it starts lasts 4 ticks.
        ([(1, 2, 60), (2, 2, 62), (25, 10, 64)], [(0, 4, 62), (24, 12, 64)]),
        # A note is cut where the next begins.
        ([(1, 40, 60), (25, 22, 62)], [(0, 24, 60), (24, 24, 62)]),
    ],
)
def test_on_grid(notes, kept):
    assert table(rules.on_grid(tune(notes))) == kept


@pytest.mark.parametrize(
    ("pitches", "kept"),
    [
        ([60, 65, 71], [60, 65, 71]),
        ([72, 74, 76], [60, 62, 64]),
        ([36, 40, 43, 47], [60, 64, 67, 71]),
        ([59, 59, 72], [71, 71, 84]),
        ([71, 72], [71, 72]),  # of two in the middle the lower counts
        ([24, 60, 107], [24, 60, 107]),
        ([23, 60, 61], None),
        ([60, 61, 108], None),
        ([36, 60, 72, 72, 72], [24, 48, 60, 60, 60]),
        ([35, 60, 72, 72, 72], None),
    ],
)
def test_median_octave(pitches, kept):
    result = rules.median_octave(tune(row(pitches)))
    assert table(result) == (kept and row(kept))


@pytest.mark.parametrize(
    ("lengths", "fits"),
    [
        ([24] * 20, True),
        ([24] * 11 + [6, 8, 12, 16, 18, 32, 36, 48, 72, 96], True),
        ([24] * 19 + [15 * 24], True),  # longer than the longest multiple
        ([24] * 19 + [60], True),  # one in twenty
        ([24] * 18 + [60, 60], False),
        ([24] * 18 + [1, 1], False),
        ([50] * 18 + [51, 23], True),  # within the tolerance
    ],
)
def test_median_multiples(lengths, fits):
    given = lasting(*lengths)
    assert rules.median_multiples(given) == (given if fits else None)


ELEVEN = [6, 8, 12, 16, 18, 24, 32, 36, 48, 72, 96]


@pytest.mark.parametrize(
    ("lengths", "fits"),
    [
        ([24] * 40 + ELEVEN, True),
        ([24] * 40 + [*ELEVEN, 97, 200], True),  # all of them four units
        ([24] * 40 + [*ELEVEN, 60], False),
    ],
)
def test_eleven_values(lengths, fits):
    given = lasting(*lengths)
    assert rules.eleven_values(given) == (given if fits else None)


@pytest.mark.parametrize(
    ("pitches", "fits"),
    [
        (SCALE * 8, True),
        ([60, 62] * 32, True),  # one bit
        ([60, 72] * 32, False),  # octaves are one pitch class
        ([60, 60, 62] * 20, False),
        ([*SCALE * 8, *[60] * 40], False),  # a dull stretch
        ([60, 62], True),
        ([60], False),
    ],
)
def test_entropy_floor(pitches, fits):
    given = tune(row(pitches))
    assert rules.entropy_floor(given) == (given if fits else None)


def test_each_rule_counts_what_it_drops():
    tunes = [
        GOOD,
        tune(row(SCALE)),  # too short
        tune(row([*[60] * 16, 110, 62, 64])),  # too high
        tune(row(SCALE * 3, [24] * 21 + [60] * 3)),  # odd lengths
        tune(row(SCALE * 8, [24] * 40 + [6, 18, 8, 16, 12, 36, 32, 16, 48, 72, 96, 60])),  # lengths
        tune(row([60, 72] * 20)),  # dull
        tune([]),
    ]
    melodies, dropped = rules.normalize(tunes)
    assert [m.title for m in melodies] == ["t"]
    assert dropped == Counter(
        downbeat=2, legato=0, on_grid=0, median_octave=1, median_multiples=1, eleven_values=1,
        entropy_floor=1,
    )  # fmt: skip
    assert list(dropped) == [name for name, _ in rules.RULES]


def test_rules_can_be_chosen():
    chosen = [(name, rule) for name, rule in rules.RULES if name == "entropy_floor"]
    melodies, dropped = rules.normalize([tune(row(SCALE)), tune(row([60] * 8))], chosen)
    assert [len(m.tokens) for m in melodies] == [8]
    assert dropped == {"entropy_floor": 1}


def test_a_melody_keeps_the_facts_of_its_tune():
    given = dataclasses.replace(
        tune(row([72, 74, 76, 79] * 4, (48, 24, 24)), bar=144, mode="minor", split="valid"),
        title="Air",
        group=9,
    )
    (melody,), _ = rules.normalize([given])
    facts = (melody.title, melody.style, melody.group, melody.unit, melody.bar, melody.mode)
    assert facts == ("Air", "folk", 9, 24, 6, "minor")
    assert melody.split == "valid"
    assert melody.tokens.dtype == "uint8"
    assert melody.tokens[:5].tolist() == [[0, 3, 8], [2, 3, 5], [4, 3, 5], [7, 3, 8], [0, 3, 5]]


@pytest.mark.parametrize(("bar", "units"), [(192, 8), (144, 6), (0, 0), (100, 0)])
def test_a_bar_is_a_whole_number_of_units_or_unknown(bar, units):
    assert rules.to_melody(dataclasses.replace(GOOD, bar=bar)).bar == units


MINOR_SCALE = [62, 64, 65, 67, 69, 70, 72, 74]


@pytest.mark.parametrize(
    ("fields", "pitches", "mode"),
    [
        ({"tonic": 2, "mode": "minor"}, [p - 2 for p in MINOR_SCALE], "minor"),
        # A mode that is not named is told by the third.
        ({"tonic": 2}, [p - 2 for p in MINOR_SCALE], "minor"),
        ({"tonic": 2, "mode": "major"}, [p - 2 for p in MINOR_SCALE], "major"),
        ({"tonic": 0}, MINOR_SCALE, "major"),
    ],
)
def test_the_tonic_becomes_c(fields, pitches, mode):
    kept = rules.in_c(tune(row(MINOR_SCALE), chords=((0, 1 + 2),), **fields))
    assert [n.pitch for n in kept.notes] == pitches
    assert (kept.tonic, kept.mode) == (0, mode)
    assert kept.chords == ((0, 1 + (2 - fields["tonic"]) % 12),)


def test_an_unknown_tonic_is_told_by_the_notes():
    kept = rules.in_c(tune(row([p + 7 for p in [*SCALE, *SCALE[::-1]]])))
    assert [n.pitch % 12 for n in kept.notes][-1] == 0
    assert kept.mode == "major"


def test_the_key_of_a_melody_leads_back_to_the_corpus():
    written = tune(row([p + 14 for p in SCALE] * 3), bar=192, tonic=2, mode="major")
    (melody,), dropped = rules.normalize([written], rules.IN_C)
    assert not any(dropped.values())
    pitches = melody.tokens[:, 0].astype(int) + 12 * melody.tokens[:, 1] + 24
    assert (pitches + melody.key).tolist() == [n.pitch for n in written.notes]
    assert melody.tokens[0].tolist() == [0, 3, 5]


@pytest.mark.parametrize(
    ("fields", "unit"),
    [
        ({"bar": 192}, 0),
        # The median duration does not divide the bar.
        ({"bar": 180}, 0),
        ({"bar": 192, "tempo": 120.0}, 24),
    ],
)
def test_what_is_counted_in_eighths(fields, unit):
    assert rules.eighths(tune(row(SCALE, (48,)), **fields)).unit == unit
    assert rules.eighths(tune(row(SCALE, (36,)), bar=192)).unit == 24


def test_bars_are_whole_units():
    assert rules.barred(tune(row(SCALE, (36,)), bar=192)) is None
    assert rules.barred(tune(row(SCALE))) is None
    whole = tune(row(SCALE, (48,)), bar=192)
    assert rules.barred(whole) is whole


def test_some_durations_may_be_odd():
    """5 % of the paper's, 15 % of tunes with bars: 1 and 3 of 20 notes."""
    for odd, (strict, lenient) in {1: (True, True), 3: (False, True), 4: (False, False)}.items():
        some = lasting(*[24] * (20 - odd), *[14] * odd)
        assert rules.odd_durations(some) == odd / 20
        assert (rules.median_multiples(some) is some) is strict
        assert (rules.multiples(some) is some) is lenient
