from __future__ import annotations

import contextlib
import zlib
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from export.corpus.abc import read_abc
from export.corpus.abc.tokens import Bar, scan
from export.corpus.tune import Tune
from stream.errors import CorpusError
from stream.note import Note


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

    def play_music(music, metre="4/4", unit="1/8", key="C"):
        (tune,) = read(f"X:1\nM:{metre}\nL:{unit}\nK:{key}\n{music}\n")
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
    ("metre", "unit", "music", "notes"),
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
def test_metre_and_unit(play, metre, unit, music, notes):
    assert play(music, metre, unit) == notes


@pytest.mark.parametrize(
    ("field", "length"), [("M:2/4\n", 12), ("M:3/4\n", 24), ("M:C\n", 24), ("", 24), ("M:\n", 24)]
)
def test_the_metre_decides_the_unit_where_no_field_does(read, field, length):
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
    ("metre", "music", "downbeat"),
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
def test_a_short_first_bar_is_a_pickup(read, metre, music, downbeat):
    (tune,) = read(f"X:1\nM:{metre}\nL:1/8\nK:C\n{music}\n")
    assert tune.downbeat == downbeat


@pytest.mark.parametrize(
    ("metre", "bar"),
    [("4/4", 192), ("C", 192), ("C|", 192), ("6/8", 144), ("(2+3)/8", 120), ("2+2+3/16", 84),
     ("none", 0)],
)  # fmt: skip
def test_bars(read, metre, bar):
    (tune,) = read(f"X:1\nM:{metre}\nK:C\nC\n")
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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encodings(read, encoding):
    (tune,) = read("X:1\r\nT:Caf\u00e9\r\nK:C\r\nC\r\n", encoding)
    assert tune.title == "Caf\u00e9"


BROKEN = [
    ("X:1\nT:no key\n", "has no key"),
    ("X:1\nK:C\n", "a tune without notes"),
    ("X:1\nK:C\nz4\n", "a tune without notes"),
    ("X:1\nK:Q\nC\n", "K:'Q' is no key"),
    ("X:1\nM:4/0\nK:C\nC\n", "M:'4/0' is no metre"),
    ("X:1\nM:waltz\nK:C\nC\n", "M:'waltz' is no metre"),
    ("X:1\nL:0\nK:C\nC\n", "L:'0' is no length"),
    ("X:1\nL:1/512\nK:C\nC\n", "L:'1/512' is no length"),
    ("X:1\nK:C\nA [M:x] B\n", "M:'x' is no metre"),
    ("X:1\nK:C\n[CEG\n", "never closed"),
    ("X:1\nK:C\n{ab\n", "never closed"),
    ('X:1\nK:C\nA "Am\n', "never closed"),
    ("X:1\nK:C\nA/0\n", "is no length of a note"),
    ("X:1\nK:C\nA99999\n", "too large a number"),
    ("X:1\nK:C\n(0abc\n", "at least one note"),
    ("X:1\nK:C\nA>>>>>B\n", "too many signs"),
    ("X:1\nK:C\nA''''''''\n", "octaves from middle C"),
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
    with pytest.raises(CorpusError, match=r"none\.abc: can not be read"):
        list(read_abc(tmp_path / "none.abc", "folk"))


music = st.text(alphabet="ABCGcdefg|:[]()>-<^_=/0123456789z,' \"!{}&\nLKMV", max_size=80)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(music)
def test_any_text_gives_a_melody_or_one_kind_of_error(read, text):
    with contextlib.suppress(CorpusError):
        for tune in read(f"X:1\nM:6/8\nK:D\nA|{text}"):
            assert all(n.duration >= 1 and 0 <= n.pitch <= 127 for n in tune.notes)
            assert all(a.onset + a.duration <= b.onset for a, b in pairwise(tune.notes))
            assert 0 <= tune.downbeat < tune.bar
