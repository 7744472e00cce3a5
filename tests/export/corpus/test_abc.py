from __future__ import annotations

import contextlib
import zlib
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.compose.tunes.abc import read_abc
from stream.compose.tunes.abc.tokens import Bar, scan
from stream.compose.tunes.tune import Tune
from stream.errors import CorpusError
from stream.music.note import Note


@pytest.fixture
def read(tmp_path):
    def read_text(text, encoding="utf-8"):
        path = tmp_path / "book.abc"
        path.write_bytes(text.encode(encoding))
        return list(read_abc(path, "folk"))

    return read_text


@pytest.fixture
def play(read):
    """The one tune of some music: (onset, duration, pitch) in ticks."""

    def play_music(music, meter="4/4", unit="1/8", key="C"):
        (tune,) = read(f"X:1\nM:{meter}\nL:{unit}\nK:{key}\n{music}\n")
        return [(n.onset, n.duration, n.pitch) for n in tune.notes]

    return play_music


def row(*pitches, length=24):
    """Notes of equal length, one after another."""
    return [(i * length, length, pitch) for i, pitch in enumerate(pitches)]


def test_a_whole_tune(read):
    text = """\
%abc-2.1
X: 7
T: The Little Jig  % the first title counts
T: Another Name
C: trad.
M: 6/8
L: 1/8
Q: 3/8=120
K: Edor
w: no music stands above the words
B|"Em"EFG ~A2 c|!trill!d3-d{ef}cB:|
w: Sing, sing a song
W: The end

This text is no music: abc.
"""
    assert read(text) == [
        Tune(
            notes=tuple(
                Note(24 * onset, 24 * length, pitch)
                for start in (0, 13)
                for onset, length, pitch in [
                    (start, 1, 71), (start + 1, 1, 64), (start + 2, 1, 66), (start + 3, 1, 67),
                    (start + 4, 2, 69), (start + 6, 1, 73), (start + 7, 4, 74), (start + 11, 1, 73),
                    (start + 12, 1, 71),
                ]
            ),
            title="The Little Jig",
            style="folk",
            group=zlib.crc32(b"the little jig"),
            bar=144,
            downbeat=24,
            mode="minor",
            meter="6/8",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("music", "notes"),
    [
        ("C2 D E/ F// G/4 A3/2", [(0, 48, 60), (48, 24, 62), (72, 12, 64), (84, 6, 65),
                                  (90, 6, 67), (96, 36, 69)]),
        ("C,, C, C c c' c''", row(36, 48, 60, 72, 84, 96)),
        ("C'", row(72)),
        ("A>B c<d", [(0, 36, 69), (36, 12, 71), (48, 12, 72), (60, 36, 74)]),
        ("A>>B c<<d", [(0, 42, 69), (42, 6, 71), (48, 6, 72), (54, 42, 74)]),
        ("A > B>c", [(0, 36, 69), (36, 18, 71), (54, 12, 72)]),
        (">A", row(69)),
        ("(3abc d", [(0, 16, 81), (16, 16, 83), (32, 16, 72), (48, 24, 74)]),
        ("(2ab (4cdef", [(0, 36, 81), (36, 36, 83), (72, 18, 72), (90, 18, 74), (108, 18, 76),
                         (126, 18, 77)]),
        ("(3:2:2 e2f g", [(0, 32, 76), (32, 16, 77), (48, 24, 79)]),
        ("(3::2 ef g", [(0, 16, 76), (16, 16, 77), (32, 24, 79)]),
        ("(3A>Bc", [(0, 24, 69), (24, 8, 71), (32, 16, 72)]),
        ("z C z2 D x E", [(24, 24, 60), (96, 24, 62), (144, 24, 64)]),
        ("C Z D | Z2 | E", [(0, 24, 60), (216, 24, 62), (624, 24, 64)]),
        ("C- C D-E", [(0, 48, 60), (48, 24, 62), (72, 24, 64)]),
        ("C-|C-|C", [(0, 72, 60)]),
        ("C-zC", [(0, 24, 60), (48, 24, 60)]),
        ("[CEG] [ce]2 [G2B2]/", [(0, 24, 67), (24, 48, 76), (72, 24, 71)]),
        ('[C"up"E!f!G-] G', [(0, 48, 67)]),
        ("(AB) .c ~d Te uf y z4 |] g", [*row(69, 71, 72, 74, 76, 77), (240, 24, 79)]),
        ('"^A note" A "G7"B', row(69, 71)),
        ("!crescendo(!A !>!B +trill+c !d", row(69, 71, 72, 74)),
        ("{/g}A {ab}B", row(69, 71)),
        ("A B\\\nc % comment | d\n% and one more\n%%MIDI program 1\nd", row(69, 71, 72, 74)),
        ("A & c | B", row(69, 71)),
        ("A0 B", row(71)),
    ],
)  # fmt: skip
def test_lengths_and_signs(play, music, notes):
    assert play(music) == notes


@pytest.mark.parametrize(
    ("meter", "unit", "music", "notes"),
    [
        ("6/8", "1/8", "(2ab (5ababa", [(0, 36, 81), (36, 36, 83)]
         + [(72 + (72 * i + 2) // 5, 14 + (i in (1, 3)), 83 if i % 2 else 81) for i in range(5)]),
        ("4/4", "1/8", "(5ababa", [(0, 10, 81), (10, 9, 83), (19, 10, 81), (29, 9, 83),
                                   (38, 10, 81)]),
        ("3/4", "1/8", "Z C", [(144, 24, 60)]),
        ("none", "1/8", "Z C", [(192, 24, 60)]),
        ("C|", "1/4", "C D", row(60, 62, length=48)),
        ("4/4", "1/8", "C[L:1/4]C [M:2/4] Z C", [(0, 24, 60), (24, 48, 60), (168, 48, 60)]),
        ("4/4", "1/8", "C\nL:1/16\nC", [(0, 24, 60), (24, 12, 60)]),
    ],
)  # fmt: skip
def test_meter_and_unit(play, meter, unit, music, notes):
    assert play(music, meter, unit) == notes


@pytest.mark.parametrize(
    ("field", "length"), [("M:2/4\n", 12), ("M:3/4\n", 24), ("M:C\n", 24), ("", 24), ("M:\n", 24)]
)
def test_the_meter_decides_the_unit_where_no_field_does(read, field, length):
    (tune,) = read(f"X:1\n{field}K:C\nC\n")
    assert tune.notes == (Note(0, length, 60),)


@pytest.mark.parametrize(
    ("music", "pitches"),
    [
        ("^F F f | F", [66, 66, 78, 65]),
        ("^F =F F _F | F", [66, 65, 65, 64, 65]),
        ("^^C __D =E", [62, 60, 64]),
        ("^F F |: F", [66, 66, 65]),
        ("^F [1 F", [66, 66]),
        ("[^FA] f", [69, 78]),
        ("^F-|F F", [66, 65]),
        ("[C^F]-|[CF] F", [66, 65]),
    ],
)
def test_accidentals_last_through_the_bar(play, music, pitches):
    assert [pitch for _, _, pitch in play(music)] == pitches


SCALE = "CDEFGAB"


@pytest.mark.parametrize(
    ("key", "pitches", "mode"),
    [
        ("C", [60, 62, 64, 65, 67, 69, 71], "major"),
        ("G", [60, 62, 64, 66, 67, 69, 71], "major"),
        ("Bb major", [60, 62, 63, 65, 67, 69, 70], "major"),
        ("F#", [61, 63, 65, 66, 68, 70, 71], "major"),
        ("Am", [60, 62, 64, 65, 67, 69, 71], "minor"),
        ("G Minor", [60, 62, 63, 65, 67, 69, 70], "minor"),
        ("DMix", [60, 62, 64, 66, 67, 69, 71], "major"),
        ("A dorian", [60, 62, 64, 66, 67, 69, 71], "minor"),
        ("Eaeo", [60, 62, 64, 66, 67, 69, 71], "minor"),
        ("Ephr", [60, 62, 64, 65, 67, 69, 71], "minor"),
        ("F Lydian", [60, 62, 64, 65, 67, 69, 71], "major"),
        ("Bloc", [60, 62, 64, 65, 67, 69, 71], "minor"),
        ("D Phr ^f", [60, 62, 63, 66, 67, 69, 70], "minor"),
        ("D exp _b ^c", [61, 62, 64, 65, 67, 69, 70], ""),
        ("G clef=treble octave=0", [60, 62, 64, 66, 67, 69, 71], "major"),
        ("HP", [61, 62, 64, 66, 67, 69, 71], "major"),
        ("none", [60, 62, 64, 65, 67, 69, 71], ""),
        ("", [60, 62, 64, 65, 67, 69, 71], ""),
    ],
)
def test_keys(read, key, pitches, mode):
    (tune,) = read(f"X:1\nK:{key}\n{SCALE}\n")
    assert [n.pitch for n in tune.notes] == pitches
    assert tune.mode == mode


def test_the_key_may_change_and_a_clef_does_not_change_it(play):
    music = "F [K:G] F\nK:D clef=bass\nF C [K:clef=treble] C"
    assert [pitch for _, _, pitch in play(music)] == [65, 66, 66, 61, 61]


@pytest.mark.parametrize(
    ("music", "played"),
    [
        ("A B :| c", "ABABc"),
        ("|: A :| B :|", "AABB"),
        ("|: A :: B :|", "AABB"),
        ("|: A :|: B :|", "AABB"),
        ("|: A :||: B :|]", "AABB"),
        ("A || B :| c", "ABBc"),
        ("|: A || B :|", "ABAB"),
        ("|: A ::| B", "AAAB"),
        ("|: A |1 B :|2 c |]", "ABAc"),
        ("|: A |1 B :|2 c :| d :|", "ABAcdd"),
        ("A [1 B :|] [2 c || d :|", "ABAcdd"),
        ("|: A [1 B :|[2 c || d :|", "ABAcdd"),
        ("|: A |1,2 B :|3 c ||", "ABABAc"),
        ("|: A |1-2 B :|3 c :| d", "ABABAcd"),
        ("|: A |1 B :|2 c :|3 d || e", "ABAcAde"),
        ("|: A |1 B :| c", "ABAc"),
        ("|: A |1 B :|2 c |: d |1 e :|2 f |]", "ABAcdedf"),
        ("|1 A :| B", "AB"),
        ("A |2 B", "AB"),
        ("A | B |] c", "ABc"),
        ("|: A |1,3 B :|2 c :| d", "ABAcABd"),
        ("|: A [1,3 B :| [2 c :| d", "ABAcABd"),
        ("|: A |1,2,4 B :|3 c :| d", "ABABAcABd"),
        ("|: A |1-3 B :|4 c :| d", "ABABABAcd"),
        ("d:|\nc:|", "ddcc"),
        ("[|A|][|:B:|]", "ABB"),
        ("A :: B", "AAB"),
        (": A | B", "AB"),
    ],
)
def test_repeats(play, music, played):
    pitches = {"A": 69, "B": 71, "c": 72, "d": 74, "e": 76, "f": 77}
    assert play(music) == row(*(pitches[name] for name in played))


def test_a_tie_lasts_over_a_repeat_only_into_the_same_pitch(play):
    assert play("C- :| D") == [(0, 48, 60), (48, 24, 62)]
    assert play("|: D C- :| C") == [(0, 24, 62), (24, 24, 60), (48, 24, 62), (72, 48, 60)]


@pytest.mark.parametrize(
    ("meter", "music", "downbeat"),
    [
        ("4/4", "C | DEFG ABcd |", 24),
        ("4/4", "|: C | DEFG ABcd :|", 24),
        ("4/4", "CDEF GABc | d8 |", 0),
        ("4/4", "CDEF GABc d | d8 |", 0),
        ("3/4", "z C | D6 |", 48),
        ("4/4", "CDEF", 0),
        ("none", "C | D8 |", 0),
        ("6/8", "C [1 D | E6", 48),
    ],
)
def test_a_short_first_bar_is_a_pickup(read, meter, music, downbeat):
    (tune,) = read(f"X:1\nM:{meter}\nL:1/8\nK:C\n{music}\n")
    assert tune.downbeat == downbeat


@pytest.mark.parametrize(
    ("meter", "bar"),
    [("4/4", 192), ("C", 192), ("C|", 192), ("6/8", 144), ("(2+3)/8", 120), ("2+2+3/16", 84),
     ("none", 0)],
)  # fmt: skip
def test_bars(read, meter, bar):
    (tune,) = read(f"X:1\nM:{meter}\nK:C\nC\n")
    assert tune.bar == bar


@pytest.mark.parametrize(
    "text",
    [
        "V:1\nV:2\nK:C\n[V:1] A | B |\n[V:2] c | d |\n[V:1] e |\n",
        "K:C\nV:1\nA B\nV:2\nc d\nV:1\ne\n",
        "V: up name=Flute\nV: low\nK:C\n[V: low] c d\n[V: up] A B e\n",
        "K:C\nA B e\nV:2\nc d\n",
        "V:1\nV:2\nK:C\n[V:2][K:D] F [V:1] A B [V:2] [L:1/1] F [V:1] e\n",
    ],
)
def test_only_the_first_voice_is_read(read, text):
    (tune,) = read(f"X:1\nL:1/8\n{text}")
    assert tune.notes == (Note(0, 24, 69), Note(24, 24, 71), Note(48, 24, 76))


def pitches_of(notes):
    return [pitch for _, _, pitch in notes]


@pytest.mark.parametrize("indent", ["", "  "])
@pytest.mark.parametrize("sign", ["%%", "%"])
@pytest.mark.parametrize("name", ["text", "ps", "svg", "js", "ml"])
def test_a_block_of_other_text_is_skipped(read, name, sign, indent):
    block = f'{indent}{sign}begin{name}\nX:9 A page\nK:Ab\n\nBed|: [ " {{ \n{sign}end{name}\n'
    scale = (60, 62, 64, 65, 67, 69, 71, 72)
    for text in (
        f"{block}X:1\nT:t\nL:1/4\nK:C\nCDEF|GABc|\n",
        f"X:1\n{block}T:t\nL:1/4\nK:C\nCDEF|GABc|\n",
        f"X:1\nT:t\nL:1/4\nK:C\nCDEF|\n{block}GABc|\n",
        f"X:1\nT:t\nL:1/4\nK:C\nCDEF|GABc|\n{block}",
    ):
        (tune,) = read(text)
        assert (tune.title, tune.mode) == ("t", "major")
        assert [(n.onset, n.pitch) for n in tune.notes] == [
            (48 * i, p) for i, p in enumerate(scale)
        ]


def test_a_block_without_an_end_is_ignored(read):
    one, two = read(
        "X:1\nT:1\nK:C\nC\n%%begintext\nD\n\nX:2\nT:2\nK:C\n%%begintext\nE\n%%endtext\nF\n"
    )
    assert [[n.pitch for n in tune.notes] for tune in (one, two)] == [[60, 62], [65]]


def test_a_block_may_hold_the_signs_of_others(read):
    block = "%%begintext\n%%beginps\nD\n%%endps\nE\n%%endtext\n"
    (tune,) = read(f"X:1\nT:t\nK:C\n%%beginsvg\nC\n{block}F\n%%beginps\nG\n%%endps\nA\n")
    assert [n.pitch for n in tune.notes] == [60, 65, 69]


@pytest.mark.parametrize(
    "clef",
    [
        "bass", "treble", "alto", "tenor", "perc", "bass3", "clef=bass", "clef=none", "clef=C3",
        "clef=alto1 middle=d", "middle=d", "stafflines=3", "octave=0", "transpose=0", "bass m=D",
        'clef="bass"', "soprano clef=treble",
    ],
)  # fmt: skip
def test_a_field_with_a_clef_alone_leaves_the_key(read, play, clef):
    assert pitches_of(play(f"F[K:{clef}]F C", key="D")) == [66, 66, 61]
    assert pitches_of(play(f"F\nK:{clef}\nF C", key="D")) == [66, 66, 61]
    (tune,) = read(f"X:1\nK:Em {clef}\nF\n")
    assert (tune.notes[0].pitch, tune.mode) == (66, "minor")
    (tune,) = read(f"X:1\nK:{clef}\nF\n")
    assert (tune.notes[0].pitch, tune.mode) == (65, "")


@pytest.mark.parametrize("none", ["none", "None", "none clef=bass", "", "none bass"])
def test_none_means_no_key(play, none):
    assert pitches_of(play(f"F[K:{none}]F", key="D")) == [66, 65]


def test_accidentals_stand_behind_none_too(play):
    assert pitches_of(play("FC[K:none bass _b]BF", key="none ^f ^c")) == [66, 61, 70, 65]


@pytest.mark.parametrize(
    ("key", "pitches", "mode"),
    [
        ("D=c", [60, 62, 64, 66, 67, 69, 71], "major"),
        ("D =c", [60, 62, 64, 66, 67, 69, 71], "major"),
        ("D=c=f", [60, 62, 64, 65, 67, 69, 71], "major"),
        ("D=c ^g", [60, 62, 64, 66, 68, 69, 71], "major"),
        ("Dm^c", [61, 62, 64, 65, 67, 69, 70], "minor"),
        ("Dm=b", [60, 62, 64, 65, 67, 69, 71], "minor"),
        ("Dmin=b", [60, 62, 64, 65, 67, 69, 71], "minor"),
        ("D dor=f", [60, 62, 64, 65, 67, 69, 71], "minor"),
        ("Bb_g", [60, 62, 63, 65, 66, 69, 70], "major"),
        ("D m=B", [61, 62, 64, 66, 67, 69, 71], "major"),
        ("D bass =c", [60, 62, 64, 66, 67, 69, 71], "major"),
        ("Dexp^f", [60, 62, 64, 66, 67, 69, 71], ""),
        ("exp ^f _b", [60, 62, 64, 66, 67, 69, 70], ""),
        ("^f", [60, 62, 64, 66, 67, 69, 71], ""),
        ("CM", [60, 62, 64, 65, 67, 69, 71], "major"),
    ],
)
def test_accidentals_of_a_key_may_be_glued_to_it(read, key, pitches, mode):
    (tune,) = read(f"X:1\nK:{key}\n{SCALE}\n")
    assert [n.pitch for n in tune.notes] == pitches
    assert tune.mode == mode


@pytest.mark.parametrize(
    ("head", "music", "bar", "downbeat"),
    [
        ("K:C", "M:3/4\nCDE|FGA|", 144, 0),
        ("M:4/4\nK:C", "M:3/4\nG|CDE|FGA|Bcd|", 144, 48),
        ("M:none\nK:C", "[M:3/4] C D E|FGA|Bcd|", 144, 0),
        ("M:4/4\nK:C", "[M:6/8]C3|CDE|", 144, 0),
        ("M:4/4\nK:C", "CDEF|[M:3/4]CDE|FGA|", 144, 48),
        ("M:4/4\nK:C", "CDEF|CDEF|[M:3/4]CDE|", 192, 0),
        ("M:1/4\nK:C", "G|[M:4/4]CDEF|CDEF|", 192, 48),
        ("M:4/4\nK:C", "|:[M:3/4]CDE:|[M:4/4]CDEF|", 144, 0),
        ("M:3/4\nK:C", "[M:none]CDEFGAB|", 0, 0),
    ],
)
def test_the_meter_is_that_of_the_music(read, head, music, bar, downbeat):
    (tune,) = read(f"X:1\nL:1/4\n{head}\n{music}\n")
    assert (tune.bar, tune.downbeat) == (bar, downbeat)


def test_the_mode_is_that_of_the_music(read):
    (tune,) = read("X:1\nK:C\nK:Am\nABcA\n")
    assert tune.mode == "minor"


@pytest.mark.parametrize(
    ("key", "voice", "music", "moved"),
    [
        ("C octave=1", "", "C", 12),
        ("C octave=-2", "", "C", -24),
        ("C transpose=-2", "", "C", -2),
        ("C clef=bass octave=1 transpose=+3", "", "C", 15),
        ("C treble-8", "", "C", -12),
        ("C clef=treble+8", "", "C", 12),
        ("C clef=bass-15", "", "C", -24),
        ("C shift=CD", "", "C", 2),
        ("C shift=cB", "", "C", -1),
        ("C sound=C^f,", "", "C", 6),
        ("C shift=^Cd,", "", "C", 1),
        ('C shift="CD"', "", "C", 2),
        ("C shift=CDE", "", "C", 0),
        ("C shift=", "", "C", 0),
        ("C sound=none", "", "C", 0),
        ("C score=CD", "", "C", 0),
        ("C instrument=_B", "", "C", -2),
        ("C instrument=D/_e", "", "C", 3),
        ("C middle=d", "", "C", 0),
        ("C", "1 octave=1", "C", 12),
        ("C", '1 name="octave=3" transpose=-2', "C", -2),
        ("C", '1 name="a transpose=5 b" octave=1', "C", 12),
        ("C", '1 nm="the bass treble-8 part"', "C", 0),
        ("C", '1 clef="treble-8" name="two words"', "C", -12),
        ("C", "1\toctave=1", "C", 12),
        ("C", "1 clef=treble-8", "C", -12),
        ("C octave=1", "1 octave=-1", "C", -12),
        ("C octave=1", "1 transpose=2", "C", 14),
        ("C", "", "[K:octave=1]C", 12),
        ("C octave=1", "", "[K:G]C", 12),
        ("C octave=1", "", "[K:C octave=0]C", 0),
        ("C treble-8", "", "[K:bass]C", 0),
        ("C", "1", "V:1 octave=1\nC", 12),
        ("C", "1", "[V:1 octave=1]C", 12),
        ("C", "1", "V:2 octave=1\nD\nV:1\nC", 0),
        ("C", "", "V:1 transpose=1\nC", 1),
        ("C", "1\n%%MIDI transpose 4", "C", 4),
        ("C", "1\nV:2\n%%MIDI transpose 4", "C", 0),
        ("C", "", "%%MIDI transpose 2\nC", 2),
        ("C transpose=1", "", "%%MIDI transpose 2\n%%MIDI rtranspose -1\nC", 2),
        ("C", "", "I:MIDI transpose 2\nC", 2),
        ("C", "", "[I:MIDI transpose 2]C", 2),
    ],
)
def test_octaves_and_transposition(read, key, voice, music, moved):
    voice = f"V:{voice}\nV:other transpose=5\n" if voice else ""
    (tune,) = read(f"X:1\n{voice}K:{key}\n{music}\n")
    assert [n.pitch for n in tune.notes] == [60 + moved]


def test_a_directive_above_the_key_moves_the_whole_tune(read):
    (tune,) = read("X:1\n%%MIDI transpose -12\nK:C\nC\n")
    assert tune.notes[0].pitch == 48


@pytest.mark.parametrize(
    ("music", "notes"),
    [
        ("g2 f2|e3 e|\\\n&&(d2|c3) c|G4|", [(0, 2, 79), (2, 2, 77), (4, 3, 76), (7, 1, 76),
                                            (8, 4, 67)]),
        ("c4|d4&&e4|f4|g4|", [(0, 4, 72), (4, 4, 74), (8, 4, 79)]),
        ("c4|d4|e4|&&&f4|f4|f4|g4|", [(0, 4, 72), (4, 4, 74), (8, 4, 76), (12, 4, 79)]),
        ("c4|d4|&&e4|f4|&&a4|b4|g4|", [(0, 4, 72), (4, 4, 74), (8, 4, 79)]),
        ("c4 & d4 & e4|g4|", [(0, 4, 72), (4, 4, 79)]),
        ("c4|& d4|g4|", [(0, 4, 72), (4, 4, 79)]),
        ("|:c4|d4&&e4|f4:|g4|", [(0, 4, 72), (4, 4, 74), (8, 4, 72), (12, 4, 74), (16, 4, 79)]),
        ("^f4 & =f4|f4|", [(0, 4, 78), (4, 4, 77)]),
    ],
)  # fmt: skip
def test_an_overlay_goes_back_as_many_bars_as_it_has_signs(play, music, notes):
    assert play(music, unit="1/4") == [(48 * at, 48 * length, pitch) for at, length, pitch in notes]


@pytest.mark.parametrize(
    ("music", "notes"),
    [
        # A tie out of the first ending leads into the repeat, not into the second ending.
        ("|:C4|1 D2 ^F2-:|2 F4|", [(0, 4, 60), (4, 2, 62), (6, 2, 66), (8, 4, 60), (12, 4, 65)]),
        ("|:F4|1 D2 ^F2-:|2 F4|", [(0, 4, 65), (4, 2, 62), (6, 6, 66), (12, 4, 65)]),
        # A tie into the endings holds in both.
        ("|:C2^F2-|1 F4:|2 F2 F2|", [(0, 2, 60), (2, 6, 66), (8, 2, 60), (10, 4, 66), (14, 2, 65)]),
        # A tie at a closing repeat holds the second time in what follows.
        ("|:C2^F2-:|F4|", [(0, 2, 60), (2, 2, 66), (4, 2, 60), (6, 6, 66)]),
        # What a bar is sharpened by is no matter in a repeat or an ending.
        ("|:F2^F2:|F4|", [(0, 2, 65), (2, 2, 66), (4, 2, 65), (6, 2, 66), (8, 4, 65)]),
        ("|:F2 [1 ^F2:|[2 F2|", [(0, 2, 65), (2, 2, 66), (4, 2, 65), (6, 2, 65)]),
        ("|:^F2 [1 F2:|2 F2|", [(0, 2, 66), (2, 2, 66), (4, 2, 66), (6, 2, 65)]),
        ("[C-^F]2 F2|", [(0, 2, 66), (2, 2, 66)]),
        ("[C^F-]2 F2|", [(0, 4, 66)]),
    ],
)
def test_ties_and_accidentals_follow_the_order_of_playing(play, music, notes):
    assert play(music, unit="1/4") == [(48 * at, 48 * length, pitch) for at, length, pitch in notes]


def test_the_key_is_that_of_the_page(play):
    assert pitches_of(play("|:F[K:G]F:|F")) == [65, 66, 65, 66, 66]


@pytest.mark.parametrize(
    ("order", "played"),
    [
        ("AB", "CDE"), ("AAB", "CDDE"), ("A2B2", "CDDEE"), ("(AB)2A", "CDEDED"), ("BA", "CED"),
        ("A(BA)2", "CDEDED"), ("A.B.A", "CDED"), ("", "CDE"), ("AX", "CDE"),
        ("((A2B)2)2", "CDDEDDEDDEDDE"),
    ],
)  # fmt: skip
def test_parts_are_played_in_the_order_of_the_header(read, order, played):
    (tune,) = read(f"X:1\nL:1/4\nP:{order}\nK:C\nC|\nP:A\nD|\n[P:B]E|\n")
    assert [n.pitch for n in tune.notes] == [60 + {"C": 0, "D": 2, "E": 4}[p] for p in played]


@pytest.mark.parametrize(
    ("sign", "moved"), [("^/", 0), ("_/", 0), ("^3/2", 1), ("^/4", 0), ("_3/", -1)]
)
def test_a_microtone_is_read_as_its_whole_semitones(play, sign, moved):
    assert pitches_of(play(f"{sign}F F", key="G")) == [65 + moved] * 2


@pytest.mark.parametrize("order", ["", "BA"])
def test_a_part_mark_counts_for_all_voices(read, order):
    head = f"X:1\nL:1/4\nP:{order}\nV:1\nV:2\nK:C\n"
    (tune,) = read(f"{head}P:A\nV:1\nC|\nV:2\nc|\nP:B\nV:1\nD|\nV:2\nd|\n")
    assert [n.pitch for n in tune.notes] == ([62, 60] if order else [60, 62])


def test_tunes_left_out_of_a_book_are_reported(tmp_path):
    path = tmp_path / "book.abc"
    path.write_text("X:1\nK:C\nC\n\nX:2\nK:Q\nC\n\nX:3\nK:C\nz\n")
    said = []
    assert len(list(read_abc(path, "folk", said.append))) == 1
    reason = "K:'Q' is not a key such as Am, D mixolydian or none"
    assert said == [f"{path}: 2 of its tunes left out, the first because {reason}"]


def test_several_tunes_share_the_file_header_and_variants_a_group(read):
    tunes = read(
        "M:3/4\nL:1/4\n\nX:1\nT:One\nK:C\nC\n\nX:2\nT:two\nL:1/8\nK:G\nD\nX:3\nT:ONE\nK:D\nE\n"
        "X:4\nK:C\nF\n"
    )
    assert [(t.title, t.bar, t.notes) for t in tunes] == [
        ("One", 144, (Note(0, 48, 60),)),
        ("two", 144, (Note(0, 24, 62),)),
        ("ONE", 144, (Note(0, 48, 64),)),
        ("book 4", 144, (Note(0, 48, 65),)),
    ]
    groups = [t.group for t in tunes]
    assert groups[0] == groups[2]
    assert len(set(groups)) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_encodings(read, encoding):
    (tune,) = read("X:1\r\nT:Caf\u00e9\r\nK:C\r\nC\r\n", encoding)
    assert tune.title == "Caf\u00e9"


BROKEN = [
    ("X:1\nT:no key\n", "has no key"),
    ("X:1\nK:C\n", "a tune without notes"),
    ("X:1\nK:C\nz4\n", "a tune without notes"),
    ("X:1\nK:Q\nC\n", "K:'Q' is not a key"),
    ("X:1\nM:4/0\nK:C\nC\n", "M:'4/0' is not a meter"),
    ("X:1\nM:waltz\nK:C\nC\n", "M:'waltz' is not a meter"),
    ("X:1\nL:0\nK:C\nC\n", "L:'0' is not a length"),
    ("X:1\nL:1/512\nK:C\nC\n", "L:'1/512' is not a length"),
    ("X:1\nK:C\nA [M:x] B\n", "M:'x' is not a meter"),
    ("X:1\nK:C\n[CEG\n", "never closed"),
    ("X:1\nK:C\n{ab\n", "never closed"),
    ('X:1\nK:C\nA "Am\n', "never closed"),
    ("X:1\nK:C\nA/0\n", "is not the length of a note"),
    ("X:1\nK:C\nA99999\n", "too large a number"),
    ("X:1\nK:C\n(0abc\n", "at least one note"),
    ("X:1\nK:C\nA>>>>>B\n", "too many signs"),
    ("X:1\nK:C\nA''''''''\n", "octaves from middle C"),
    ("X:1\nP:" + "(" * 1001 + "\nK:C\nC\n", "is longer than 1000 characters"),
    ("X:1\nP:(A99)99\nK:C\nP:A\nC\n", "calls more than 200 parts"),
    ("X:1\nM:9999/1\nK:C\nA Z9999\n", "longer than 10000 bars"),
    ("X:1\nK:C\n" + "A" * 5001 + "\n", "more than 5000 events"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN)
def test_a_broken_tune_is_left_out_and_a_book_of_them_is_an_error(read, tmp_path, text, reason):
    with pytest.raises(CorpusError) as caught:
        read(text)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'book.abc'}: no readable ABC tune (")
    assert reason in message
    assert "\n" not in message
    good = "X:2\nT:good\nK:C\nC\n"
    assert [t.title for t in read(f"{good}\n{text}")] == ["good"]
    assert [t.title for t in read(f"{text}\n{good}")] == ["good"]


def test_no_section_is_repeated_for_hours():
    """Two thousand repeats of bars without a note would never reach the bound on events."""
    assert list(scan(":" * 4000 + "|")) == [Bar(closes=9)]


@pytest.mark.parametrize("content", ["", "no tune", "\0\1\2", "K:C\nCDE\n"])
def test_a_file_without_tunes(read, content):
    with pytest.raises(CorpusError, match=r"book\.abc: no readable ABC tune \(no line begins"):
        read(content)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"none\.abc: cannot be read"):
        list(read_abc(tmp_path / "none.abc", "folk"))


signs = st.text(alphabet="ABCGcdefg|:[]()>-<^_=/0123456789z,' \"!{}&\nLKMV", max_size=80)
words = st.sampled_from([
    "A ", "^c", "B2-", "|", "|:", ":|", "::", "||", "|1", ":|2", "[1", "[2", "&", "&&", "(3", ">",
    "[K:G]", "[K:bass]", "[K:=c]", "[M:3/4]", "[M:none]", "[L:1/16]", "[V:2]", "[V:1]", "[P:A]",
    "\nK:D=c octave=1\n", "\nK:none clef=bass-8\n", "\nV:1 transpose=-2\n", "\nP:B\n",
    "\n%%begintext\n", "\n%%endtext\n", "\n%%MIDI transpose 3\n", "\nX:2\nP:A(BA)2\nK:C\n", "Z2",
])  # fmt: skip
music = st.one_of(signs, st.lists(words, max_size=40).map("".join))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(music)
def test_any_text_gives_a_melody_or_one_kind_of_error(read, text):
    with contextlib.suppress(CorpusError):
        for tune in read(f"X:1\nM:6/8\nK:D\nA|{text}"):
            assert all(n.duration >= 1 and 0 <= n.pitch <= 127 for n in tune.notes)
            assert all(a.end <= b.onset for a, b in pairwise(tune.notes))
            assert 0 <= tune.downbeat < max(tune.bar, 1)
