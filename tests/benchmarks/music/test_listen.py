"""Rendered tunes beside real ones."""

import pytest

from benchmarks.music import listen
from stream.compose.melody.vocabulary import REST
from tests.benchmarks.music.tunes import OUTLINED, TINY, melody


@pytest.mark.parametrize("voice", [TINY, OUTLINED])
def test_the_lead_of_every_tune_is_compared_with_real_ones(voice, monkeypatch):
    monkeypatch.setattr(listen, "STRETCH", 8)
    tunes = listen.rendered(voice, "even", 0.5, 1)
    assert list(tunes) == ["even"]
    assert all(sum(t[0] != REST for t in tune) for tune in tunes["even"])
    real = [melody(i, 60, split="valid") for i in range(3)]
    one = listen.Reading(
        "even", listen.real(real, "even"), listen.stretches(tunes["even"])
    )  # fmt: skip
    rows = listen.records("tiny", [one], "somewhere")
    assert {r.system for r in rows} == {"tiny, even"}
    assert all(r.paper.endswith(("(inside)", "(outside)")) for r in rows)


def test_all_voices_are_rendered_at_one_tempo_and_without_companions(monkeypatch):
    heard = set()

    class Facts(listen.Tunes):
        def phrase_started(self, moment):
            super().phrase_started(moment)
            heard.add((moment.current.phrase.bpm, moment.current.phrase.ensemble))

    monkeypatch.setattr(listen, "Tunes", Facts)
    listen.rendered(OUTLINED, "even", 0.5, 1)
    assert heard == {(120.0, "solo")}
