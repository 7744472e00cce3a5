"""The player of sound under a virtual clock, where waiting is free and wake-ups are counted."""

import contextlib
import itertools
import json
import pathlib
import socket
import wave
from array import array

import pytest

from stream.errors import SettingsError
from stream.play.audio.outputs import RETRY_SECONDS
from stream.play.audio.wave_file import WaveFile
from tests.data.sound_stage import LOUD, PERIOD, RATE, Card, Event, SoundStage

PASSAGE = 0.5


def heard(path):
    with wave.open(str(path)) as file:
        return array("h", file.readframes(file.getnframes())).tolist()


def loud(samples):
    """Seconds from the start at which it begins and ends to be heard in full."""
    full = [value == LOUD for value in samples]
    edges = [i / RATE for i in range(1, len(full)) if full[i] != full[i - 1]]
    return [round(at, 2) for at in edges]


@pytest.mark.parametrize("taker", [None, Card])
def test_it_wakes_when_to_ask_and_when_to_hear(taker):
    """It wakes twice a chunk, not twenty times a second."""
    stage = SoundStage(0.1, taker=taker)
    assert stage.play(60.0).underruns == 0
    passages = len(stage.link.requests)
    assert passages * PASSAGE == 66.0
    assert len(stage.clock.wakes) <= 2 * passages


def test_a_composer_that_is_never_ahead_wakes_it_once_a_passage():
    stage = SoundStage(0.49, taker=Card)
    stage.play(60.0)
    assert len(stage.clock.wakes) <= len(stage.link.requests) + 2


def test_a_meter_moves_with_every_passage_and_in_between():
    stage = SoundStage(0.1, 0.1, 10.0, 0.1, period=2.0)
    stage.play(4.0)
    assert stage.listener.shown == [(0.1, 0.5), (0.2, 1.0), (2.2, 0.0)]


def test_only_one_that_awaits_its_card_looks_for_it_and_nothing_else():
    stage = SoundStage(taker=Card)
    stage.taker.there = False
    stage.outputs.wait()
    stage.play(60.0)
    filled = 12 + 1  # passages, until enough is ready
    assert len(stage.clock.wakes) == pytest.approx(60.0 / RETRY_SECONDS + filled, abs=3)


def test_counters_are_saved_only_where_they_are_kept(tmp_path):
    path, found = tmp_path / "stats.json", []
    kept = SoundStage(0.1, 1000.0)
    kept.play(
        60.0,
        *[Event(at, lambda: found.append(json.loads(path.read_text()))) for at in (4.9, 5.1)],
        stats=path,
    )
    assert [each["seconds"] for each in found] == [0.0, 0.5]
    assert len(kept.clock.wakes) == pytest.approx(60 / 5, abs=3)
    plain = SoundStage(0.1, 1000.0)
    plain.play(60.0)
    assert len(plain.clock.wakes) <= 3


def test_counters_that_can_not_be_kept(tmp_path):
    path = tmp_path / "no" / "stats.json"
    with pytest.raises(SettingsError) as raised:
        SoundStage().play(60.0, stats=path)
    assert str(raised.value) == (
        f"--stats {path}: cannot be written (No such file or directory);"
        " name a file in a folder that exists and that you may write to"
    )


@pytest.mark.parametrize("taker", [None, Card])
def test_nothing_is_heard_before_enough_is_ready_and_a_late_passage_is_silence(taker, tmp_path):
    """Passages at 0.5, 1.0 and 1.5 s, then at 7.5 and 7.6 s; it plays once there are two."""
    path = tmp_path / "a.wav"
    stage = SoundStage(0.5, 0.5, 0.5, 6.0, 0.1, taker=taker, files=[WaveFile(path, RATE)])
    assert stage.play(20.0).underruns == 1
    (dry,) = [at for at, text in stage.listener.notices if "not ready in time" in text]
    assert dry == pytest.approx(1.0 + 1.5, abs=2 * PERIOD)
    wanted = [0.0, 1.5, 7.6 - 1.0, 20.0 - 1.0]  # the file begins with the sound
    assert loud(heard(path)) == pytest.approx(wanted, abs=2 * PERIOD)


@pytest.mark.parametrize("taker", [None, Card])
def test_all_that_was_wished_for_is_played_and_then_it_ends(taker, tmp_path):
    path = tmp_path / "a.wav"
    stage = SoundStage(0.1, taker=taker, seconds=10.0, files=[WaveFile(path, RATE)])
    stage.play(60.0)
    assert stage.clock.wakes[-1] == pytest.approx(0.2 + 10.0, abs=2 * PERIOD)
    samples = heard(path)
    assert samples[40 : 9 * RATE] == [LOUD] * (9 * RATE - 40)
    assert not any(samples[10 * RATE :])
    assert stage.queue.finished


@pytest.mark.parametrize("taker", [None, Card])
def test_a_stop_waits_for_the_fade_and_no_longer(taker, tmp_path):
    path = tmp_path / "a.wav"
    stage = SoundStage(0.1, taker=taker, files=[WaveFile(path, RATE)])
    stage.play(10.001)
    assert stage.clock.wakes[-1] == pytest.approx(10.0, abs=2 * PERIOD)
    samples = heard(path)
    assert loud(samples) == pytest.approx([0.0, 10.0 - 0.2], abs=2 * PERIOD)
    assert max(abs(b - a) for a, b in itertools.pairwise(samples)) < LOUD / 20


def test_a_card_that_goes_is_told_at_once_and_goes_on_when_it_is_back():
    stage = SoundStage(taker=Card)
    taken = []

    def put(*, there):
        stage.taker.there = there
        taken.append(stage.queue.pulled)

    stats = stage.play(
        20.0, Event(10.0, lambda: put(there=False)), Event(13.0, lambda: put(there=True))
    )
    assert (stats.sinks_lost, stats.sinks_back, stats.underruns) == (1, 1, 0)
    (lost, back) = [at for at, text in stage.listener.notices if text.startswith("audio: ")]
    assert lost == pytest.approx(10.0, abs=2 * PERIOD)
    assert back == pytest.approx(lost + 2 * RETRY_SECONDS, abs=2 * PERIOD)
    assert taken[1] - taken[0] <= 2 * PERIOD * RATE


def test_counters_tell_the_level_of_the_last_passage():
    assert SoundStage(0.1).play(4.0).level == 0.5


def test_a_file_that_is_lost_is_told_once_and_the_others_go_on(tmp_path):
    path = tmp_path / "a.wav"
    files = [WaveFile(pathlib.Path("/dev/full"), RATE), WaveFile(path, RATE)]
    stage = SoundStage(0.1, files=files)
    stage.play(10.0)
    (lost,) = [text for _, text in stage.listener.notices if "/dev/full" in text]
    assert lost.startswith("file:/dev/full: lost (No space left")
    assert len(heard(path)) == pytest.approx(10.0 * RATE, abs=RATE)


def test_the_service_manager_is_told_once_that_it_plays(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
        manager.bind(str(tmp_path / "notify"))
        SoundStage(0.1).play(10.0)
        told = []
        with contextlib.suppress(BlockingIOError):
            while True:
                told.append(manager.recv(100))
    assert told == [b"READY=1", b"STOPPING=1"]
