import dataclasses

import pytest
from hypothesis import given

from stream.compose.melody.outline import EQUAL, MOST_BARS, SIMILAR, Outline, Return, line, parsed
from tests.stream.compose.melody.outlines import counted, outline_of, outlines


@given(outlines())
def test_a_line_says_all_of_an_outline(outline):
    assert parsed(line(outline)) == outline


def test_a_line_is_read():
    text = "8x24 2/2;major;reel;2;180;0 0 1 1;8 4;.4 =4 =4 ~4 . =8*2 .2;4567890abcz1;1:8 25:88"
    assert parsed(text) == Outline(
        bar=8,
        unit=24,
        mode="major",
        meter="2/2",
        kind="reel",
        key=2,
        tempo=180,
        strains=(0, 0, 1, 1),
        lengths=(8, 4),
        returns=(
            *[Return()] * 4, Return(4, EQUAL), Return(4, EQUAL), Return(4, SIMILAR), Return(),
            Return(8, EQUAL), Return(8, EQUAL), Return(), Return(),
        ),
        counts=(4, 5, 6, 7, 8, 9, 0, 10, 11, 12, 35, 1),
        chords=((1, 8), (25, 88)),
    )  # fmt: skip
    assert line(parsed(text)) == text.replace("=4 =4", "=4*2")
    assert parsed("3x48;;;0;0;0;1;.;0;") == Outline(
        3, 48, "", lengths=(1,), returns=(Return(),), counts=(0,)
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "'' is not the outline of a tune"),
        ("8x24;major;reel;2;180;0;4;.4", "is not the outline of a tune"),
        ("8x24;major;reel;2;180;0;4;.4;;", "the bars of an outline do not fit together"),
        ("0x24;major;reel;2;180;0;4;.4;", "is not the outline of a tune"),
        ("8x24;Major;reel;2;180;0;4;.4;", "is not the outline of a tune"),
        ("8x24;major;reel;2;180;0;4;.4\n;", "is not the outline of a tune"),
        ("8x24;major;reel;x;180;0;4;.4;", "is not the outline of a tune"),
        ("8x24;major;reel;2;180;0;4;.2 =;", "'=' is not a run of bars such as .4 or =8*4"),
        ("8x24;major;reel;2;180;0;4;.2 =0*2;", "'=0*2' is not a run of bars"),
        ("8x24;major;reel;2;180;0;4;.*4;", "'.*4' is not a run of bars"),
        ("8x24;major;reel;2;180;0;4;.2=2;", "'.2=2' is not a run of bars"),
        ("8x24;major;reel;2;180;0;4;.2 =2*99999;", "is not a run of bars"),
        ("8x24;major;reel;2;180;0;4;.2 =3 .;", "returns to one before its first"),
        ("8x24;major;reel;2;180;0;4;.3;", "the bars of an outline do not fit together"),
        ("8x24;major;reel;2;180;0 1;4;.4;", "the strains of an outline have no bars"),
        ("8x24;major;reel;2;180;;4;.4;", "the strains of an outline have no bars"),
        ("8x24;major;reel;2;180;0;;;", "the strains of an outline have no bars"),
        ("8x24;major;reel;2;180;0;0 4;.4;", "the strains of an outline have no bars"),
        ("8x24;major;reel;2;180;0;4;.4;25", "'25' is not a chord such as 25:8"),
        ("8x24;major;reel;2;180;0;4;.4;25:0", "'25:0' is not a chord"),
        ("8x24;major;reel;2;180;0;4;.4;999:8", "'999:8' is not a chord"),
        ("8x24;major;reel;2;180;0;4;.4;1:999999", "is not a chord"),
        ("8x24;major;reel;2;180;0;4;.9999 .9999;", f"more than {MOST_BARS} bars"),
        (f"8x24;major;reel;2;180;0;4;{'=1*9999 ' * 9999};", "more than"),
        ("8x24;major;reel;2;180;0;4;.4;444;", "the bars of an outline do not fit together"),
        ("8x24;major;reel;2;180;0;4;.4;44A4;", "is not the outline of a tune"),
        ("8x24 4;major;reel;2;180;0;4;.4;4444;", "is not the outline of a tune"),
    ],
)  # fmt: skip
def test_what_is_no_outline_is_refused_in_one_line(text, fault):
    with pytest.raises(ValueError, match=r".") as refused:
        parsed(text if text.count(";") != 8 else counted(text))
    message = str(refused.value)
    assert fault in message
    assert message.isprintable()
    assert len(message) < 100


def test_phrases_are_the_strains_as_they_are_played():
    tune = outline_of("8x24;;;0;0;0 0 1 0;8 4;.12;")
    assert tune.bars == 12
    assert tune.phrases() == (0, 4, 0, 4, 8, 0, 4)
    assert dataclasses.replace(tune, lengths=(6, 6)).phrases() == (0, 4, 0, 4, 6, 10, 0, 4)
