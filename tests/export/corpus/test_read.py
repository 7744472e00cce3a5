from __future__ import annotations

import io
from pathlib import Path

import pytest

from export.corpus.read import load, name_broken, parse_spec
from stream.errors import CorpusError


def test_broken_files_among_good_ones_are_skipped_counted_and_named(folder):
    melodies, (report,) = load([f"folk={folder}"])
    assert [m.title for m in melodies] == ["a", "good", "tune 0", "b"]
    scale = [[p % 12, p // 12 - 2, 5] for p in (60, 62, 64, 65, 67, 69, 71, 72)]
    assert all(m.tokens.tolist() == scale * 2 for m in melodies)
    facts = (report.files, report.tunes, report.kept, report.events)
    assert facts == (7, 5, 4, 64)
    assert {rule: n for rule, n in report.dropped.items() if n} == {"downbeat": 1}
    assert [Path(line.partition(":")[0]).name for line in report.broken] == [
        "broken.abc",
        "broken.mid",
        "broken.npz",
    ]


def test_skipped_files_are_reported(folder):
    output = io.StringIO()
    _, reports = load([f"folk={folder}", f"hymn={folder / 'a.mid'}"])
    name_broken(reports, output)
    head, *lines = output.getvalue().splitlines()
    assert head == "corpus folk: 3 of 7 files skipped"
    assert lines == [
        *(f"  {reason}" for reason in reports[0].broken),
        "corpus folk: 1 of 7 files read in part",
        f"  {reports[0].passed_over[0]}",
    ]


def test_corpora_of_several_styles_are_joined(folder):
    melodies, reports = load([f"folk={folder / 'a.mid'}", f"hymn={folder / 'c.abc'}"])
    assert [(m.style, m.title) for m in melodies] == [("folk", "a"), ("hymn", "good")]
    assert [(r.style, r.files, r.kept) for r in reports] == [("folk", 1, 1), ("hymn", 1, 1)]


def test_a_path_may_hold_an_equals_sign(tmp_path):
    (tmp_path / "a=b").mkdir()
    assert parse_spec(f"folk={tmp_path / 'a=b'}") == ("folk", tmp_path / "a=b")


def test_skipped_parts_of_a_midi_file_are_reported(folder):
    path = folder / "a.mid"
    head = path.read_bytes()[:14]
    path.write_bytes(head + b"ODD \0\0\0\1x" + path.read_bytes()[14:])
    _, (report,) = load([f"folk={path}"])
    assert report.passed_over == [f"{path}: read, but skipped 1 \u00d7 chunk of another type"]
    assert report.tunes == 1


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("folk", "write STYLE=PATH"),
        ("=here", "write STYLE=PATH"),
        ("folk=", "write STYLE=PATH"),
        ("folk=/nowhere", "there is no /nowhere"),
        ("folk={}", "no file ends in .npz, .mid, .midi, .abc"),
        ("folk={}/../notes.txt", "unknown type; give one of .npz, .mid, .midi, .abc"),
        ("folk={}/../broken.mid", "not a readable MIDI file"),
        ("folk={}/../short.abc", "none of 1 tunes passes the rules (dropped by downbeat 1)"),
        ("folk={}/../silent.mid", "hold no notes"),
    ],
)
def test_an_unusable_corpus_is_an_error_of_one_line(folder, spec, reason):
    empty = folder / "empty"
    empty.mkdir()
    (folder / "short.abc").write_text("X:1\nK:C\nCDE\n")
    (folder / "silent.mid").write_bytes(
        b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\4\0\xff\x2f\0"
    )  # a track that only ends
    with pytest.raises(CorpusError) as caught:
        load([spec.format(empty)])
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
