"""Whole performances, as processes of their own; what left is read on a pseudo-terminal."""

import json
import os
import resource
import signal
import subprocess
import threading

import mido
import pytest

from stream.music.note import Controls
from stream.music.stream_position import opening
from stream.play.timing.scheduler import timeline
from tests.data.fake_composer import compose
from tests.stream.conftest import RESET, Receiver, left_sounding, tail

MANY_BYTES = 90
"""A few notes into the first phrase."""


def stream(phrases):
    """The messages of so many phrases, tempo left out."""
    position = opening(1, Controls(bpm=480.0))
    messages = []
    for _ in range(phrases):
        phrase = compose(position.request)
        position = position.after(phrase)
        messages += [t.message for t in timeline(phrase, 0.0).messages if not t.message.is_meta]
    return messages


def ended(child):
    """Its exit code, counters and lines on stderr."""
    out, err = child.communicate(timeout=60)
    return child.returncode, json.loads(out.splitlines()[0]) if out else None, err.splitlines()


def assert_silent(messages):
    assert not left_sounding(messages)
    assert tail(messages) == RESET


def test_all_notes_arrive_in_order_until_the_end(player, receiver):
    child = player(0.06, "", f"serial:{receiver.device}")
    code, stats, _ = ended(child)
    messages = receiver.messages()
    assert code == 0
    assert messages[:-3] == stream(3)
    assert_silent(messages)
    counters = ("notes", "phrases", "accepted", "composed", "repeats", "restarts", "stalls")
    assert [stats[name] for name in counters] == [55, 3, 36, 48, 0, 0, 0]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_silence_every_sink(player, receiver, tmp_path, number):
    path = tmp_path / "a.mid"
    child = player(60, "", f"serial:{receiver.device}", f"file:{path}")
    receiver.wait_for(MANY_BYTES)
    child.send_signal(number)
    code, _, lines = ended(child)
    assert code == 0
    assert not [line for line in lines if not line.startswith("phrase ")]
    assert_silent(receiver.messages())
    track = mido.merge_tracks(mido.MidiFile(path).tracks)
    assert_silent([message for message in track if not message.is_meta])


def test_a_signal_before_the_first_note(player, receiver):
    child = player(60, "mute", f"serial:{receiver.device}")
    while not child.stderr.readline().startswith("phrase 1"):
        pass
    child.send_signal(signal.SIGTERM)
    assert ended(child)[0] == 0
    assert_silent(receiver.messages())


def test_an_exception_silences_every_sink(player, receiver):
    child = player(60, "raise", f"serial:{receiver.device}")
    code, _, lines = ended(child)
    assert code == 1
    assert lines[-1] == "ZeroDivisionError: a fault in the program"
    assert_silent(receiver.messages())


def test_a_lost_sink_leaves_the_others_playing(player, receiver):
    master, slave = os.openpty()
    child = player(0.03, "", f"serial:{os.ttyname(slave)}", f"serial:{receiver.device}")
    os.close(slave)
    receiver.wait_for(MANY_BYTES)
    os.close(master)
    code, stats, lines = ended(child)
    messages = receiver.messages()
    assert code == 0
    assert stats["sinks_lost"] == 1
    assert len([line for line in lines if ": lost (" in line]) == 1
    assert messages[:-3] == stream(2)
    assert_silent(messages)


def test_a_line_that_is_unplugged_is_found_again(player, tmp_path):
    """It comes back under the same name, as another device, and is reset."""
    name = tmp_path / "midi"
    first, second = Receiver(), Receiver()
    name.symlink_to(first.device)
    child = player(60, "", f"serial:{name}", f"file:{tmp_path}/a.mid")
    first.wait_for(MANY_BYTES)
    first.unplug()
    assert next(line for line in child.stderr if ": lost (" in line)
    name.unlink()
    name.symlink_to(second.device)
    assert next(line for line in child.stderr if line == f"serial:{name}: connected\n")
    second.wait_for(MANY_BYTES)
    child.send_signal(signal.SIGTERM)
    code, stats, _ = ended(child)
    assert (code, stats["sinks_lost"], stats["sinks_back"]) == (0, 1, 1)
    before, after = mido.parse_all(first.bytes), second.messages()
    # First the end of each note that hangs, and of those whose end may not have been heard.
    begin = after[: next(i for i, m in enumerate(after) if m.type == "control_change") + 3]
    assert {m.type for m in begin[:-3]} == {"note_off"}
    assert left_sounding(before) <= {(m.channel, m.note) for m in begin[:-3]}
    assert tail(begin) == RESET
    assert_silent(after)
    track = mido.merge_tracks(mido.MidiFile(tmp_path / "a.mid").tracks)
    recorded = [message.hex() for message in track if not message.is_meta]
    assert [m.hex() for m in after[len(begin) :]] == recorded[len(begin) - len(after) :]
    assert [m.hex() for m in before] == recorded[: len(before)]


def test_the_last_lost_sink_ends_it(player, tmp_path):
    """A full disk is no device that comes back."""
    path = tmp_path / "a.mid"
    child = player(60, "", f"file:{path}")
    child.stderr.readline()
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (200, 200))
    code, _, lines = ended(child)
    assert code == 2
    assert lines[-1] == f"file:{path}: lost (File too large); what was recorded before is kept"
    assert "Traceback" not in "".join(lines)


@pytest.mark.parametrize(
    ("fault", "notice"),
    [
        ("dies", "the composer died; it is restarted"),
        ("hangs", "the composer did not answer for 2.0 s; it is restarted"),
        ("errs", "out of memory; it is restarted"),
        ("babbles", "the composer sent an invalid answer: b'la la la'; it is restarted"),
    ],
)
def test_a_composer_that_fails_costs_no_note(player, receiver, tmp_path, fault, notice):
    child = player(0.1, f"{fault}-once {tmp_path / 'marker'}", f"serial:{receiver.device}")
    code, stats, lines = ended(child)
    messages = receiver.messages()
    assert code == 0
    assert (stats["restarts"], stats["hangs"]) == (1, fault == "hangs")
    assert stats["repeats"] == 0
    assert notice in lines
    assert messages[:-3] == stream(4)
    assert_silent(messages)


def test_a_composer_that_is_late_is_covered_by_repeats(player, receiver):
    child = player(0.1, "mute", f"serial:{receiver.device}")
    code, stats, lines = ended(child)
    messages = receiver.messages()
    first, both = stream(1), stream(2)
    assert code == 0
    assert (stats["repeats"], stats["phrases"]) == (4, 6)
    assert messages[:-3] == both * 3
    assert len(first) < len(both)
    phrases = [line for line in lines if line.startswith("phrase ")]
    assert [line.endswith(" repeat") for line in phrases] == [False] * 2 + [True] * 4
    assert any(
        line.startswith("the composer did not answer for 2.0 s; it is restarted") for line in lines
    )
    assert_silent(messages)


def test_a_stopped_process_goes_on_from_there(player, receiver):
    child = player(0.03, "", f"serial:{receiver.device}")
    receiver.wait_for(MANY_BYTES)
    child.send_signal(signal.SIGSTOP)
    threading.Event().wait(0.5)
    child.send_signal(signal.SIGCONT)
    code, stats, _ = ended(child)
    messages = receiver.messages()
    assert code == 0
    assert stats["stalls"] == 1
    assert messages[:-3] == stream(2)


def test_a_voice_that_is_none(player):
    code, _, lines = ended(player(60, "unready", "null"))
    assert code == 2
    assert lines == ["voice.onnx: no voice; name one that 'perpetuum voices' lists"]


def test_the_player_stays_light(player):
    child = player(0.01, "", "null")
    out, _ = child.communicate(timeout=60)
    assert out.splitlines()[1] == ""


def test_no_child_survives_a_killed_player(player):
    child = player(60, "", "null")
    child.stderr.readline()
    (composer,) = subprocess.check_output(["pgrep", "-P", str(child.pid)], text=True).split()
    descriptor = os.pidfd_open(int(composer))
    child.kill()
    child.wait()
    assert wait_readable(descriptor)
    os.close(descriptor)


def wait_readable(descriptor):
    """A process descriptor can be read once the process has ended."""
    import select

    return select.select([descriptor], [], [], 30)[0]
