"""Events are lines of JSON, and describe changes of the queue."""

import dataclasses
import json
import math

import pytest

from stream.config.part_changes import parse_parts
from stream.config.settings import Settings, with_changes
from stream.ensembles.ensemble import load
from stream.music.note import Controls, Note, Phrase
from stream.music.verdict import Verdict
from stream.play.control import events
from stream.play.observer import Slot, Snapshot
from stream.play.queue.phrase_queue import Cut, Shifted
from stream.play.queue.routing import routed
from stream.play.stats import COUNTERS, Stats

PHRASE = Phrase(
    notes=(Note(0, 24, 60, 80), Note(96, 96, 64, 90, channel=3)),
    length=192,
    bpm=120.0,
    index=5,
    tune=2,
    style="bach:0.7,jazz:0.3",
    voice="commons",
    seed=1,
    bar=144,
    verdict=Verdict(candidates=32, accepted=3, rejected=(("entropy", 20), ("silence", 9))),
)
SLOT = Slot(PHRASE, start=100.0, end=104.0)


def document(line):
    """Parse one line, which must hold no NaN."""
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1

    def no(constant):
        raise AssertionError(constant)

    return json.loads(line, parse_constant=no)


def test_the_event_of_a_phrase_has_times_in_seconds():
    assert document(events.edit_line(SLOT)) == {
        "phrase": {
            "start": 100.0,
            "end": 104.0,
            "bpm": 120.0,
            "bar": 1.5,
            "tune": 2,
            "style": "bach:0.7,jazz:0.3",
            "key": "",
            "meter": "",
            "kind": "",
            "set": "",
            "index": 5,
            "repeat": False,
            "kept": "",
            "letter": "",
            "returns_to": "",
            "accepted": 3,
            "composed": 32,
            "rejected": [["entropy", 20], ["silence", 9]],
            "ensemble": "",
            "energy": 0.5,
            "parts": [],
            # Twice as slow as its tempo: another clock is followed.
            "notes": [[100.0, 0.5, 60, 80, 0], [102.0, 2.0, 64, 90, 3]],
        }
    }


def test_the_event_of_a_phrase_names_its_parts():
    phrase = dataclasses.replace(PHRASE, ensemble="jazz", energy=0.7)
    controls = Controls(parts="comping=off,bass=5")
    ensemble = routed(load("jazz"), ("lead",), parse_parts(controls.parts))
    slot = dataclasses.replace(SLOT, phrase=phrase, controls=controls, ensemble=ensemble)
    told = document(events.edit_line(slot))["phrase"]
    assert (told["ensemble"], told["energy"]) == ("jazz", 0.7)
    assert told["parts"] == [
        {"role": "lead", "channel": 0, "program": 67, "pan": 58},
        {
            "role": "comping",
            "channel": 2,
            "program": 1,
            "level": 80,
            "pan": 78,
            "silent": True,
        },
        {"role": "bass", "channel": 4, "program": 33, "level": 96, "pan": 60, "rests": True},
        {"role": "drums", "channel": 9, "program": 41, "level": 76, "pan": 50, "rests": True},
    ]


def test_the_notes_of_a_phrase_are_timed_as_performed():
    note = Note(48, 24, 60, 80, offset=-24, release=12)
    phrase = dataclasses.replace(PHRASE, notes=(note,))
    told = document(events.edit_line(dataclasses.replace(SLOT, phrase=phrase)))["phrase"]
    assert told["notes"] == [[100.95, 0.575, 60, 80, 0]]


def test_the_folder_of_an_ensemble_is_nobodys_business():
    gone = dataclasses.replace(PHRASE, ensemble="/home/me/gone.toml", roles=("lead", "", "bass"))
    told = document(events.edit_line(dataclasses.replace(SLOT, phrase=gone)))["phrase"]
    assert told["ensemble"] == "gone.toml"
    assert told["parts"] == [{"role": "lead", "channel": 0}, {"role": "bass", "channel": 2}]


def test_a_phrase_without_notes_that_plays_again():
    empty = dataclasses.replace(PHRASE, notes=())
    told = document(events.edit_line(dataclasses.replace(SLOT, phrase=empty, repeat=True)))[
        "phrase"
    ]
    assert (told["notes"], told["repeat"]) == ([], True)


def test_the_events_of_a_cut_and_of_a_move():
    assert document(events.edit_line(Cut(101.5))) == {"cut": 101.5}
    assert document(events.edit_line(Shifted(100.0, 0.25))) == {"moved": [100.0, 0.25]}


def test_a_line_holds_any_text():
    assert document(events.event_line("notice", 'é "\n\u2028')) == {"notice": 'é "\n\u2028'}


@pytest.mark.parametrize(
    "style", ["", "folk", "bach:0.7,jazz:0.3", "bach/jazz", "bach:0.1,folk:0.2,jazz:0.7/folk"]
)
def test_the_event_of_controls_has_the_form_of_the_settings(style):
    controls = Settings(style=style, bpm=90.0, scale="C major", swing=0.33).controls
    told = document(events.event_line("controls", events.controls_document(controls)))["controls"]
    assert told.keys() == {field.name for field in dataclasses.fields(Controls)}
    again = with_changes(Controls(), told)
    assert dataclasses.replace(again, style=()) == dataclasses.replace(controls, style=())
    for blend, other in zip(again.style, controls.style, strict=True):
        assert [name for name, _ in blend] == [name for name, _ in other]
        assert [share for _, share in blend] == pytest.approx([share for _, share in other])


def test_the_event_of_a_snapshot_has_the_counters_and_every_note():
    stats = Stats(notes=6, queue_seconds=7.12345)
    stats.count(PHRASE)
    lateness = (0.0, 0.00009, 0.00011, 0.00499, 0.00501, 3.0)
    for seconds in lateness:
        stats.lateness.add(seconds)
    told = document(
        events.event_line(
            "moment", events.snapshot_document(Snapshot(100.5, SLOT, (), stats, ("null",)))
        )
    )["moment"]
    assert told.keys() == {"now", "queue", "stats", "lateness", "rejected"}
    assert (told["now"], told["queue"]) == (100.5, 7.123)
    assert told["rejected"] == {"entropy": 20, "silence": 9}
    assert told["stats"].keys() >= {*COUNTERS}
    assert len(told["lateness"]) == events.LATENESS_BINS
    assert {at: count for at, count in enumerate(told["lateness"]) if count} == {
        0: 2, 1: 1, 49: 1, 50: 2,
    }  # fmt: skip
    assert math.fsum(told["lateness"]) == len(lateness)
