import hashlib
import io
import wave

import mido
import pytest

from stream.errors import ComposerError, SinkError
from stream.music.note import Controls
from stream.music.stream_position import opening
from stream.play.child_supervisor import RestartPolicy
from stream.play.composer import client as composer_client
from stream.play.composer import timeouts
from stream.play.composer.phrase_client import PhraseClient
from stream.play.render import render
from stream.play.session import Session
from stream.play.sinks.midifile import MidiFileSink
from stream.play.sinks.null import NullSink
from stream.play.sinks.wavfile import WavFileSink
from stream.play.timing.scheduler import timeline
from stream.play.view.log import Log
from stream.util.stop_signals import stop_signals
from tests.data.fake_composer import compose
from tests.stream.conftest import RESET, tail
from tests.stream.play.sinks.strict import one_track

SESSION = Session(seed=5, controls=Controls(bpm=97.0), minutes=0.5)


@pytest.fixture
def rendered(composer, tmp_path):
    def rendered(kind, name, session=SESSION):
        sink = kind(tmp_path / name) if kind is not NullSink else NullSink(name)
        with stop_signals() as stop:
            link = PhraseClient(composer())
            stats = render(link, [sink], session=session, observer=Log(), stop=stop)
        return stats, tmp_path / name

    return rendered


def test_the_same_stream_as_live_in_a_file(rendered):
    stats, path = rendered(MidiFileSink, "a.mid")
    position, end, expected, before = opening(5, SESSION.controls), 0.0, [], None
    while end < 30.0:
        phrase = compose(position.request)
        position = position.after(phrase)
        line = timeline(phrase, end, before=before)
        before, end = phrase, line.end
        expected += [timed.message for timed in line.messages]
    track = [
        m
        for m in mido.MidiFile(file=io.BytesIO(one_track(path))).tracks[0]
        if m.type != "end_of_track"
    ]
    found = [message.copy(time=0) for message in track[:-3]]
    for is_meta in (False, True):  # they are in different tracks, whose order is another one
        assert [m for m in found if m.is_meta == is_meta] == [
            m for m in expected if m.is_meta == is_meta
        ]
    assert tail(track) == RESET
    assert mido.MidiFile(path).length == pytest.approx(end, abs=0.001)
    assert stats.phrases == position.index


@pytest.mark.parametrize(("kind", "name"), [(MidiFileSink, "a.mid"), (WavFileSink, "a.wav")])
def test_the_same_bytes_again(rendered, kind, name):
    digests = set()
    for _ in range(2):
        _, path = rendered(kind, name)
        digests.add(hashlib.sha256(path.read_bytes()).digest())
        path.unlink()
    assert len(digests) == 1


def test_another_seed_gives_another_stream(rendered):
    _, one = rendered(MidiFileSink, "a.mid")
    _, two = rendered(
        MidiFileSink, "b.mid", Session(seed=6, controls=SESSION.controls, minutes=0.5)
    )
    assert one.read_bytes() != two.read_bytes()


def test_sound_lasts_until_the_music_has_died_away(rendered):
    _, midi = rendered(MidiFileSink, "a.mid")
    _, path = rendered(WavFileSink, "a.wav")
    with wave.open(str(path)) as file:
        seconds = file.getnframes() / file.getframerate()
        assert any(file.readframes(file.getnframes()))
    assert 0 < seconds - mido.MidiFile(midi).length < 4.1


def test_a_composer_that_is_slow_is_waited_for(rendered, monkeypatch):
    """Else the same seed would not give the same bytes on a slow board."""
    monkeypatch.setattr(timeouts, "HANG_SECONDS", 0.0)
    stats, _ = rendered(NullSink, "none")
    assert (stats.restarts, stats.hangs) == (0, 0)


def test_a_composer_that_dies_changes_nothing(composer, tmp_path, rendered):
    sink = MidiFileSink(tmp_path / "b.mid")
    link = PhraseClient(composer("dies-once", tmp_path / "marker"))
    with stop_signals() as stop:
        stats = render(link, [sink], session=SESSION, observer=Log(), stop=stop)
    assert stats.restarts == 1
    assert (tmp_path / "b.mid").read_bytes() == rendered(MidiFileSink, "a.mid")[1].read_bytes()


@pytest.mark.parametrize("fault", ["dies", "errs"])
def test_a_composer_that_always_dies_ends_it(composer, tmp_path, monkeypatch, fault):
    """Nothing can be repeated in a file: after some tries in a row there is an error."""
    soon = RestartPolicy(free_failures=1, longest_pause=0.001)
    monkeypatch.setattr(composer_client, "WITH_MUSIC", soon)
    sink = MidiFileSink(tmp_path / "c.mid")
    link = PhraseClient(composer(fault))
    with (
        stop_signals() as stop,
        pytest.raises(ComposerError, match=r" 3 times without a phrase \(exit status -\d+\)"),
    ):
        render(link, [sink], session=SESSION, observer=Log(), stop=stop)
    assert link.restarts == 3
    assert mido.MidiFile(tmp_path / "c.mid").length > 0


def test_a_lost_sink_ends_it(composer):
    class Full(NullSink):
        def flush(self, time):
            raise SinkError("full: lost")

    link = PhraseClient(composer())
    with stop_signals() as stop, pytest.raises(SinkError, match="full: lost"):
        render(link, [Full("full")], session=SESSION, observer=Log(), stop=stop)
