import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.music.note import Controls, Note
from stream.play.recording.delta_codec import DeltaCodec
from stream.play.recording.header import Header
from tests.stream.play.listener import DEEDS, Listener

HEADER = Header("1", "tiny", "", seed=5)


def texts(heard):
    codec = DeltaCodec(HEADER)
    return [json.loads(codec.write(played)) for played in heard]


def listened(*actions):
    listener = Listener(HEADER.seed)
    for action in actions:
        listener.do(*action)
    return listener.heard


@settings(max_examples=25, deadline=None)
@given(st.lists(DEEDS, max_size=8))
def test_what_was_left_out_is_found_again(actions):
    writer, reader = DeltaCodec(HEADER), DeltaCodec(HEADER)
    for played in listened(*actions):
        text = writer.write(played)
        wanted = reader.read(json.loads(text))
        source = played.source
        if wanted.source is not None:
            assert (wanted.source.notes, wanted.source.length) == (source.notes, source.length)
        else:
            assert wanted.request == played.request
            assert wanted.chosen == source.verdict.chosen
        again = wanted.played(source)
        assert again.phrase(None) == played.phrase(None)
        assert reader.write(again) == text


def test_a_phrase_says_little_more_than_which_candidate_it_is():
    first, second = texts(listened(("listen", None), ("listen", None)))
    assert first == {
        "index": 0, "tune": 0, "bars": 2, "more": 2, "history": [],
        "controls": {"candidates": 2}, "chosen": first["chosen"], "finish": first["finish"],
    }  # fmt: skip
    assert second == {
        "index": 1, "tune": 0, "begun": first["finish"], "bars": 2, "parent": 0,
        "history": second["history"], "chosen": second["chosen"], "finish": second["finish"],
    }  # fmt: skip
    assert isinstance(second["history"], int)


def test_controls_are_told_when_they_move():
    heard = listened(
        ("move", {"density": 0.3, "swing": 0.33}), ("listen", None),
        ("arrange", (0.5, {"transpose": 5})), ("listen", None),
    )  # fmt: skip
    first, second, head, tail, last = texts(heard)
    assert first["controls"] == {"candidates": 2, "density": 0.3, "swing": 0.33}
    assert "controls" not in second
    assert "controls" not in head
    assert tail == {
        "index": 2, "begin": head["finish"], "finish": heard[2].source.length,
        "sounds": {"transpose": 5},
    }  # fmt: skip
    assert last["controls"] == {"transpose": 5}
    assert last["parent"] == 2


def test_a_repeat_is_no_part_of_the_stream():
    heard = listened(("listen", None), ("listen", None), ("repeat", 1), ("listen", None))
    *_, repeat, last = texts(heard)
    assert repeat == {"index": 1, "finish": heard[1].source.length, "repeat": True}
    assert isinstance(last["history"], int)


def test_what_does_not_follow_is_written_out():
    """A call of a person; a phrase whose parent is not in this section."""
    heard = listened(("listen", None), ("call", [60, 62]), ("listen", None), ("listen", None))
    _, call, after, _ = texts(heard)
    assert call["history"] == [[-96, 40, 60, 80, 0], [-48, 40, 62, 80, 0]]
    assert (call["call"], "history" in after) == (96, True)
    assert isinstance(after["history"], int)
    (alone,) = texts(heard[3:])
    assert set(alone) == {"index", "source", "finish", "sounds"}
    assert len(alone["source"]["notes"]) == len(heard[3].source.notes)


def test_another_history_than_what_was_played_is_written_out():
    one, two = listened(("listen", None), ("listen", None))
    strange = dataclasses.replace(two.request, history=(Note(-48, 48, 60),))
    document = texts([one, dataclasses.replace(two, request=strange)])[1]
    assert document["history"] == [[-48, 48, 60, 80, 0]]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"index": 0},
        {"index": -1, "finish": 1},
        {"index": 0, "finish": 1, "source": {"notes": [[0]], "length": 1, "bar": 1}},
        {"index": 0, "finish": 1, "source": {}},
        {"index": 0, "finish": 1, "chosen": 0, "tune": 0},
        {"index": 0, "finish": 1, "chosen": 0, "tune": 0, "history": [], "controls": {"bpm": 0.5}},
        {"index": 0, "finish": 1, "chosen": 0, "tune": 0, "history": [], "bars": 10**9},
        {"index": 0, "finish": 1, "chosen": "0", "tune": 0, "history": []},
        {"index": 0, "finish": 1, "chosen": 0, "tune": 0, "history": [], "controls": 5},
        {"index": 0, "finish": 1, "chosen": 0, "tune": 0, "history": [], "sounds": {"swing": 9}},
        {"index": 4, "finish": 1, "repeat": True},
    ],
)
def test_nonsense_is_an_error(document):
    with pytest.raises((ValueError, KeyError, TypeError)):
        DeltaCodec(HEADER).read(document)


def test_controls_survive():
    style = ((("even", 0.1), ("odd", 0.9)),)
    controls = Controls(97.3, style=style, scale="F# dorian", density=-0.5)
    played = listened(("listen", None))[0]
    request = dataclasses.replace(played.request, controls=controls)
    text = DeltaCodec(HEADER).write(dataclasses.replace(played, request=request))
    wanted = DeltaCodec(HEADER).read(json.loads(text))
    assert wanted.request == request


def test_a_phrase_that_lacks_a_part_is_written_out_with_its_ensemble():
    """A companion that failed once does not fail again: no request gives the same phrase."""
    played = listened(("listen", None))[0]
    notes = (*played.source.notes, Note(12, 6, 36, 90, 9, offset=-17))
    changes = {"ensemble": "band", "roles": ("lead",), "silent": ("bass",), "closing": True}
    source = dataclasses.replace(played.source, notes=notes, failed=("comping",), **changes)
    played = dataclasses.replace(played, source=source, digest="ab" * 32)
    text = DeltaCodec(HEADER).write(played)
    assert {"source", "ensemble_sha256"} <= json.loads(text).keys()
    wanted = DeltaCodec(HEADER).read(json.loads(text))
    assert wanted.digest == played.digest
    for name in ("notes", "length", "bar", *changes):
        assert getattr(wanted.source, name) == getattr(source, name)
    sounds = [each.played(each_source).phrase(None) for each, each_source in
              ((wanted, wanted.source), (wanted, source))]  # fmt: skip
    assert sounds[0].notes == sounds[1].notes
    assert {"source"} <= json.loads(DeltaCodec(HEADER).write(wanted.played(wanted.source))).keys()


def test_a_digest_is_told_when_it_changes():
    one, two, three = listened(("listen", None), ("listen", None), ("listen", None))
    found = texts(
        dataclasses.replace(played, digest=digest)
        for played, digest in ((one, "a"), (two, "a"), (three, "b"))
    )
    assert [text.get("ensemble_sha256") for text in found] == ["a", None, "b"]


def test_a_section_of_format_1_has_neither_ensemble_nor_expression():
    header = dataclasses.replace(HEADER, format=1)
    document = {"index": 0, "finish": 1, "chosen": 0, "tune": 0, "history": []}
    controls = DeltaCodec(header).read(document).controls
    assert (controls.ensemble, controls.expression, controls.arc) == ("solo", 0.0, 0.0)
    assert DeltaCodec(HEADER).read(document).controls == Controls()
