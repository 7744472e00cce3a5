"""Four parts as a listener meets them: real processes, the tiny chorale."""

import itertools
import json
import os
import signal
import subprocess
import sys

import mido
import pytest

from stream.compose.composer import Composer
from stream.music.note import Controls
from stream.music.stream_position import opening
from stream.play.queue.arrange import arranged
from stream.play.timing.scheduler import timeline
from tests.stream.compose.conftest import CHORALE, DATA, PIANO
from tests.stream.conftest import Receiver, left_sounding

ROOT = DATA.parents[1]


def perpetuum(*args):
    command = [sys.executable, "-m", "stream", *map(str, args)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT
    )


def notes(path):
    """The notes of a file, in order, without the time."""
    return [m.copy(time=0) for m in mido.MidiFile(path) if m.type in {"note_on", "note_off"}]


def assert_clean(messages):
    """No note is struck while it sounds, none ends that does not, none is left."""
    sounding = set()
    for message in messages:
        key = message.channel, message.note
        if message.type == "note_on":
            assert key not in sounding
            sounding.add(key)
        elif message.type == "note_off":
            assert key in sounding
            sounding.remove(key)
    assert not sounding


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """A minute of the tiny chorale."""
    path = tmp_path_factory.mktemp("parts") / "a.mid"
    done = perpetuum("render", path, "--voice", CHORALE, "--seed", 4, "--minutes", 1, "--json")
    assert done.stderr == ""
    return path, json.loads(done.stdout)


def test_a_chorale_is_a_file_of_four_channels(rendered):
    path, facts = rendered
    messages = notes(path)
    assert_clean(messages)
    struck = [m for m in messages if m.type == "note_on"]
    assert {m.channel for m in struck} == {0, 1, 2, 3}
    assert len(struck) == facts["notes"]
    for channel in range(4):
        # Each part is a line: one note at a time.
        own = [m.type for m in messages if m.channel == channel]
        assert own == ["note_on", "note_off"] * (len(own) // 2)


def test_it_is_what_the_composer_composes(rendered):
    path, facts = rendered
    programme, composer, end, expected = opening(4, Controls()), Composer(CHORALE), 0.0, []
    for _ in range(facts["phrases"]):
        phrase = composer.compose(programme.request)
        programme = programme.after(phrase)
        line = timeline(arranged(phrase, 0, phrase.length, Controls()), end)
        end = line.end
        expected += [t.message for t in line.messages if not t.message.is_meta]
    for channel in range(4):  # each part has a track, so their order at the same time is another
        assert [m for m in notes(path) if m.channel == channel] == [
            m for m in expected if m.channel == channel
        ]


def test_the_same_seed_gives_the_same_bytes(rendered, tmp_path):
    again = tmp_path / "b.mid"
    perpetuum("render", again, "--voice", CHORALE, "--seed", 4, "--minutes", 1)
    assert again.read_bytes() == rendered[0].read_bytes()


def test_parts_go_where_they_are_sent(rendered, tmp_path):
    moved = tmp_path / "c.mid"
    wish = ("--channels", "soprano=16,bass=9,tenor=9", "--expression", "0")
    done = perpetuum("render", moved, "--voice", CHORALE, "--seed", 4, "--minutes", 1, *wish)
    assert done.stderr == ""
    assert_clean(notes(moved))
    for old, new in ((0, 15), (1, 1)):
        part, there = (
            [(m.type, m.note, m.velocity) for m in notes(p) if m.channel == c]
            for p, c in ((rendered[0], old), (moved, new))
        )
        assert part == there
    assert {m.channel for m in notes(moved)} == {15, 1, 8}


def test_a_synthesizer_of_one_channel_gets_all_parts(tmp_path):
    path = tmp_path / "d.mid"
    perpetuum("render", path, "--voice", CHORALE, "--minutes", 0.4, "--profile", "korg-minilogue")
    messages = notes(path)
    assert_clean(messages)
    assert len({m.channel for m in messages}) == 1
    most = itertools.accumulate(1 if m.type == "note_on" else -1 for m in messages)
    assert max(most) > 1


@pytest.mark.parametrize("voice", [CHORALE, PIANO], ids=["chorale", "piano"])
@pytest.mark.parametrize("channels", [(), ("--channels", "alto=1,tenor=1,bass=1")])
def test_no_note_hangs_whenever_the_player_is_stopped(voice, channels, tmp_path):
    """Over a serial line, at a speed at which all happens at once; SIGTERM in the middle.

    In a folder of its own: a player of another test may have been killed on a line of this name.
    """
    receiver = Receiver()
    command = [
        sys.executable, "-m", "stream", "play", "--voice", voice, "--out",
        f"serial:{receiver.device}", "--bpm", "300", "--seed", "5", "--record", "0", *channels,
    ]  # fmt: skip
    player = subprocess.Popen(
        list(map(str, command)), cwd=ROOT, env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        receiver.wait_for(120)
        player.send_signal(signal.SIGTERM)
        assert player.wait(timeout=30) == 0
    finally:
        player.kill()
        player.communicate()
        messages = receiver.messages()
    played = [m for m in messages if m.type in {"note_on", "note_off"}]
    assert len(played) > 20
    assert not left_sounding(messages)
    used = {m.channel for m in played if m.type == "note_on"}
    assert used == ({0} if voice == PIANO or channels else {0, 1, 2, 3})
    silenced = {m.channel for m in messages if m.type == "control_change" and m.control == 123}
    assert silenced == used
    struck = set()
    for message in played:
        key = message.channel, message.note
        if message.type == "note_on":
            assert key not in struck
            struck.add(key)
        else:
            struck.discard(key)
