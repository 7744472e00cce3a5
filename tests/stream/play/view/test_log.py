import dataclasses
import os

from stream.music.note import Phrase
from stream.play.observer import Slot, Snapshot
from stream.play.stats import Stats
from stream.play.view.log import Log

PHRASE = Phrase((), 192, 97.5, index=3, tune=1, style="bach:0.7,jazz:0.3", voice="v", seed=0)
STATS = Stats(phrases=4, queue_seconds=7.04, accepted=30, composed=64, late=2)


def lines(*slots):
    reader, writer = os.pipe()
    with open(writer, "w") as output:  # noqa: PTH123 (a descriptor)
        log = Log(output)
        for slot in slots:
            log.phrase_started(Snapshot(0.0, slot, (), STATS, ("null",)))
        log.notice("a notice")
        assert log.refresh(Snapshot(0.0, None, (), STATS, ())) is None
        log.close()
    with open(reader) as received:  # noqa: PTH123
        return received.read().splitlines()


def test_lines():
    line = (
        "phrase 4 tune 1 style bach:0.7,jazz:0.3 bpm 97.5 notes 0 queue 7.0 s accepted 30/64 late 2"
    )
    assert lines(Slot(PHRASE, 0.0, 2.0), Slot(PHRASE, 0.0, 2.0, repeat=True)) == [
        line,
        line + " repeat",
        "a notice",
    ]


def test_a_tune_is_told_when_it_begins():
    facts = {"kind": "jig", "meter": "6/8", "set_size": 3}
    tunes = [
        dataclasses.replace(PHRASE, tune=tune, key=key, set_place=tune, **facts)
        for tune, key in ((1, "D major"), (1, "D major"), (2, "G major"))
    ]
    told = lines(*(Slot(tune, 0.0, 2.0) for tune in tunes))
    assert [line for line in told if not line.startswith("phrase")] == [
        "tune 1 bach:0.7,jazz:0.3: jig in D major, 6/8, 97.5 bpm (1 of 3)",
        "tune 2 bach:0.7,jazz:0.3: jig in G major, 6/8, 97.5 bpm (2 of 3)",
        "a notice",
    ]


def test_a_full_pipe_takes_no_line_and_holds_nobody_up():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.write(writer, bytes(65_536))
    os.set_blocking(writer, True)
    with open(writer, "w") as output:  # noqa: PTH123
        Log(output).notice("lost")
    assert os.read(reader, 100_000) == bytes(65_536)
    os.close(reader)


def test_in_the_journal_phrases_are_details(tmp_path, monkeypatch):
    path = tmp_path / "journal"
    with path.open("w", encoding="utf-8") as output:
        status = os.fstat(output.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        log = Log(output)
        log.phrase_started(Snapshot(0.0, Slot(PHRASE, 0.0, 2.0), (), STATS, ("null",)))
        log.notice("a notice")
    phrase, notice = path.read_text(encoding="utf-8").splitlines()
    assert phrase.startswith("<7>phrase 4 ")
    assert notice == "a notice"
