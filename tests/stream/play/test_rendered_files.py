import mido
import pytest

from stream.errors import SettingsError
from stream.music.note import Controls
from stream.notation import files
from stream.play.composer.phrase_client import PhraseClient
from stream.play.render import render
from stream.play.rendered_files import ScoreObserver, split
from stream.play.session import Session
from stream.play.sinks.midifile import MidiFileSink
from stream.util.stop_signals import stop_signals

SESSION = Session(seed=5, controls=Controls(bpm=240.0, swing=0.33), minutes=1.2)


@pytest.fixture
def rendered(composer, tmp_path):
    sink, score = MidiFileSink(tmp_path / "a.mid"), ScoreObserver(SESSION)
    with stop_signals() as stop:
        client = PhraseClient(composer())
        render(client, (sink,), session=SESSION, observer=score, stop=stop)
    return tmp_path / "a.mid", score


def strikes(path):
    return [m.note for m in mido.MidiFile(path) if m.type == "note_on"]


def test_each_tune_is_a_file_and_together_they_are_the_whole(rendered, tmp_path):
    path, _ = rendered
    found = split(path, tmp_path / "each")
    assert [each.name for each in found] == ["01-tune-1.mid", "02-tune-2.mid", "03-tune-3.mid"]
    assert [note for each in found for note in strikes(each)] == strikes(path)
    assert sum(mido.MidiFile(each).length for each in found) == pytest.approx(
        mido.MidiFile(path).length, abs=0.01
    )
    markers = [m.text for m in mido.MidiFile(path) if m.type == "marker"]
    assert markers == ["folk: tune 1", "folk: tune 2", "folk: tune 3"]
    split(path, tmp_path / "each")
    assert len(list((tmp_path / "each").iterdir())) == 6


def test_a_score_is_straight_and_replaces_nothing(rendered, tmp_path):
    _, score = rendered
    (tmp_path / "a.abc").write_text("mine")
    score.write(tmp_path / "a.abc")
    assert (tmp_path / "a.abc").read_text() == "mine"
    text = (tmp_path / "a-2.abc").read_text()
    assert [line for line in text.splitlines() if line[:2] == "T:"] == [
        "T:tune 1",
        "T:tune 2",
        "T:tune 3",
    ]
    assert "(3" not in text  # no swung ticks
    score.write(tmp_path / "a.musicxml")
    assert b"<part-name>lead</part-name>" in (tmp_path / "a.musicxml").read_bytes()


def test_without_an_engraver_the_remedy_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(files.shutil, "which", lambda name: None)
    with pytest.raises(SettingsError, match="no engraver is installed; run: sudo apt-get install"):
        files.check(tmp_path / "a.pdf", "--score")
    monkeypatch.setattr(files.shutil, "which", lambda name: "/bin/false")
    files.check(tmp_path / "a.pdf", "--score")
    with pytest.raises(SettingsError, match="made no PDF file"):
        files.written((), ".pdf", "x")


def test_only_midi_files_are_split(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF" + bytes(100))
    with pytest.raises(SettingsError, match="only MIDI files can be split"):
        split(tmp_path / "a.wav", tmp_path / "each")
