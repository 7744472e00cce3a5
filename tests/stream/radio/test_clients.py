"""What real players of internet radio make of the stream."""

import itertools
import re
import subprocess
import time

import pytest

from tests.stream.radio.icy_reader import taken_apart
from tests.stream.radio.radio_process import Radio, decoded, is_loud, needs, onsets, title_of

STEP = 0.5


@pytest.fixture(scope="module")
def radio():
    """A radio with a chord that never ends."""
    with Radio() as radio:
        radio.title("folk: jig in D major, 6/8")
        radio.hold()
        yield radio


def test_ffmpeg_hears_each_note_at_its_time():
    needs("ffmpeg")
    with Radio() as radio:
        start = time.monotonic() + 1.0
        # Steps that differ: the places in the sound tell which knock is which.
        steps = [0.0, 0.5, 0.8, 1.5, 1.9, 2.8, 3.1]
        radio.knock([start + step for step in steps])
        found = onsets(decoded("-i", radio.url, seconds=6))
    gaps = [b - a for a, b in itertools.pairwise(found)]
    wanted = [b - a for a, b in itertools.pairwise(steps)]
    assert gaps == pytest.approx(wanted[-len(gaps) :], abs=0.01)
    assert len(gaps) >= 4


def test_ffmpeg_hears_a_chord_in_both_channels(radio):
    assert is_loud(decoded("-i", radio.url, seconds=3)[4410:])


def test_ffmpeg_knows_the_title(radio):
    assert title_of(radio.url) == "folk: jig in D major, 6/8"


def test_curl_gets_a_stream_that_can_be_decoded(radio, tmp_path):
    needs("curl")
    path = tmp_path / "got.mp3"
    command = ["curl", "-s", "--max-time", "3", "-o", str(path), radio.url]
    done = subprocess.run(command, timeout=60, check=False)
    assert done.returncode == 28  # it would go on
    assert path.read_bytes()[:2] == b"\xff\xfb"
    assert is_loud(decoded("-i", str(path))[4410:])


def test_curl_gets_titles_if_it_asks_for_them(radio, tmp_path):
    needs("curl")
    path, head = tmp_path / "got", tmp_path / "head"
    command = ["curl", "-s", "--max-time", "3", "-o", str(path), "-D", str(head)]
    subprocess.run([*command, "-H", "Icy-MetaData: 1", radio.url], timeout=60, check=False)
    interval = int(re.search(r"icy-metaint: (\d+)", head.read_text())[1])
    sound, titles = taken_apart(path.read_bytes(), interval)
    assert titles == [(interval, "folk: jig in D major, 6/8")]
    (tmp_path / "sound.mp3").write_bytes(sound)
    assert is_loud(decoded("-i", str(tmp_path / "sound.mp3"))[4410:])


@pytest.mark.parametrize("path", ["radio.mp3", "radio.m3u", "radio.pls"])
def test_mpv_plays_it(radio, tmp_path, path):
    needs("mpv")
    url = radio.url.replace("radio.mp3", path)
    file = tmp_path / "played.wav"
    command = ["mpv", "--no-config", "--no-video", "--ao=pcm", f"--ao-pcm-file={file}"]
    done = subprocess.run(
        [*command, "--length=2", url], capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert is_loud(decoded("-i", str(file))[4410:])


def test_mpv_shows_the_title(radio):
    needs("mpv")
    command = ["mpv", "--no-config", "--no-video", "--ao=null", "--untimed", "--length=2"]
    done = subprocess.run(
        [*command, radio.url], capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "folk: jig in D major, 6/8" in done.stdout


def test_before_the_first_note_silence_is_streamed():
    with Radio() as quiet:
        samples = decoded("-i", quiet.url, seconds=4)
    assert len(samples) == 4 * 44_100
    assert abs(samples).max() < 0.001


def test_after_a_pause_silence_is_streamed_and_the_listener_stays():
    with Radio() as radio:
        now = time.monotonic()
        radio.hold()
        for channel in range(16):  # what a sink sends at a pause
            radio.midi(0xB0 | channel, 123, 0, at=now + 2.0)
            radio.midi(0xB0 | channel, 120, 0, at=now + 2.0)
        radio.midi(0x91, 60, 100, at=now + 4.0)
        samples = abs(decoded("-i", radio.url, seconds=6))
    blocks = samples[: 6 * 44_100].reshape(-1, 4410).max(axis=1) > 0.01
    turns = [is_on for is_on, _ in itertools.groupby(blocks)]
    assert turns[-3:] == [True, False, True]
