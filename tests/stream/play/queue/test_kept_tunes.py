"""A kept tune is played again: the same notes, between two tunes of an unchanged stream."""

import dataclasses
import time

import pytest

from stream.errors import SettingsError
from stream.music.stream_position import opening
from stream.play.control.dispatcher import Dispatcher
from stream.play.control.handlers import Handlers
from stream.play.queue import kept_tunes
from stream.play.recording.header import Header
from stream.play.recording.recorder import Recorder
from tests.data import fake_composer
from tests.data.stage import SESSION, Stage

VOICED = dataclasses.replace(SESSION, voice="commons")
TUNE_SECONDS = 64.0


def compose(request):
    """Tunes of eight phrases whose first note tells the phrase, with notes off the grid."""
    found = fake_composer.compose(request)
    notes = tuple(
        dataclasses.replace(note, pitch=30 + (note.pitch + 7 * request.index) % 90)
        for note in found.notes
    )
    return dataclasses.replace(
        found,
        notes=notes,
        kind="reel",
        key="D major",
        meter="4/4",
        letter="aabb"[request.index % 4],
    )


class Player:
    def __init__(self, folder):
        self.recorder = Recorder(folder / "recordings", Header("1", "x", "", 1), 4)
        self.stage = Stage(VOICED, compose=compose)
        performance = self.performance = self.stage.performance
        performance._recorder = self.recorder
        self.handlers = Handlers(
            performance, self.stage.link, self.stage.outputs, VOICED, self.recorder
        )
        self.dispatcher = Dispatcher(self.handlers, self.stage.clock)

    def run(self, seconds):
        end = self.stage.clock.now + seconds
        while self.stage.clock.now < end:
            self.dispatcher.apply_due_controls()
            self.handlers.queue_loaded()
            self.stage.run(min(0.5, end - self.stage.clock.now))

    def do(self, **command):
        return self.dispatcher.dispatch({"id": 1, **command})

    def settle(self):
        """Let the recorder's thread write and read, and queue what it has read."""
        done = []
        self.recorder._writer.put(lambda: done.append(True))
        while not done:
            time.sleep(0.01)
        self.handlers.queue_loaded()

    def keep(self):
        """Keep the first tune; return the name of its file."""
        self.run(3.0)
        self.do(keep=True)
        self.run(TUNE_SECONDS)
        self.settle()
        (path,) = self.recorder.keeper.folder.glob("*.mid")
        return path.name

    def slots(self):
        return self.performance.queue.slots()

    @property
    def sent(self):
        return self.stage.tapes[0].sent


@pytest.fixture
def player(tmp_path):
    player = Player(tmp_path)
    yield player
    player.recorder.close()
    player.stage.outputs.close()


def notes(sent, begin, end):
    """(milliseconds from the begin, bytes) of what was sent in a span of time."""
    edge = {"note_on": -0.001, "note_off": 0.001}  # a note ends before the next one begins
    found = [(t - begin, m) for t, m in sent if m.type in edge]
    return [
        (round(1000 * time), message.bytes())
        for time, message in found
        if edge[message.type] <= time < end - begin + edge[message.type]
    ]


def spans(player):
    """Begin and end of what was played: the number of the tune, or the name of a kept one."""
    found = []
    for slot in player.heard:
        what = slot.kept.name if slot.kept else slot.phrase.tune
        if not found or found[-1][0] != what:
            found.append([what, slot.start, slot.end])
        found[-1][2] = slot.end
    return found


def listen(player, seconds):
    """Run, and note what plays."""
    player.heard = getattr(player, "heard", [])
    for _ in range(int(2 * seconds)):
        player.run(0.5)
        slot = player.performance.queue.current
        if slot and (not player.heard or player.heard[-1].start != slot.start):
            player.heard.append(slot)


def test_the_same_notes_are_played_before_the_next_tune(player):
    name = player.keep()
    player.do(again=name)
    player.settle()
    listen(player, 2.9 * TUNE_SECONDS)
    played = spans(player)
    assert [what for what, *_ in played] == [1, name, 2]
    (_, begin, end) = played[1]
    first = notes(player.sent, 100.12, 100.12 + TUNE_SECONDS)
    assert len(first) > 200
    assert notes(player.sent, begin, end) == first
    assert player.performance.stats.tunes == 3
    # The stream continues as if nothing had been in between.
    position, expected = opening(1, VOICED.controls), []
    for request in player.stage.link.requests:
        expected.append(dataclasses.replace(position.request, controls=request.controls))
        position = position.after(compose(request))
    assert player.stage.link.requests == expected


@pytest.mark.parametrize("change", [{"temperature": 0.7}, {"bpm": 90.0}])
@pytest.mark.parametrize("when", [30.0, 58.0, 70.0])
def test_controls_move_the_stream_and_the_kept_tune_stays_whole(player, change, when):
    name = player.keep()
    player.do(again=name)
    player.settle()
    listen(player, when)
    player.do(set=change)
    listen(player, 4 * TUNE_SECONDS - when)
    played = spans(player)
    assert [what for what, *_ in played][:3] == [1, name, 2]
    _, begin, end = played[1]
    pitches = [data[1] for _, data in notes(player.sent, begin, end)]
    assert pitches == [d[1] for _, d in notes(player.sent, 100.12, 100.12 + TUNE_SECONDS)]
    assert player.performance.stats.repeats == 0


def test_next_goes_to_the_kept_tune_and_from_there_to_the_next(player):
    name = player.keep()
    player.do(again=name)
    player.settle()
    listen(player, 5)
    player.do(next=True)
    listen(player, 10)
    assert spans(player)[-1][0] == name
    player.do(next=True)
    listen(player, 10)
    assert [what for what, *_ in spans(player)] == [1, name, 2]


def test_a_kept_tune_that_plays_again_is_rated_and_not_kept_twice(player):
    name = player.keep()
    player.do(again=name)
    player.settle()
    listen(player, TUNE_SECONDS + 5)
    assert player.performance.queue.current.kept.name == name
    assert b'"kept": "%s"' % name.encode() in player.do(keep=True)
    player.do(stars=4)
    player.settle()
    folder = player.recorder.keeper.folder
    assert (folder / "stars.json").read_text() == f'{{\n "{name}": 4\n}}'
    assert len(list(folder.glob("*.mid"))) == 1


def test_only_a_few_wait_and_what_is_missing_is_told(player, monkeypatch):
    name = player.keep()
    monkeypatch.setattr(kept_tunes, "MOST_WAITING", 2)
    for _ in range(3):
        player.do(again=name)
    player.do(again="0009-none.mid")
    assert b"refused" in player.do(again="../x.mid")
    player.settle()
    player.run(1)
    told = player.stage.onlooker.notices
    assert any("again: 2 kept tunes wait" in notice for notice in told)
    assert any("0009-none.mid: cannot be read" in notice for notice in told)
    with pytest.raises(SettingsError, match="2 kept tunes wait"):
        player.performance.refill.kept.put(name, [])
