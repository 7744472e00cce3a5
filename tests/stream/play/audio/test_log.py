import os

from stream.music.audio_chunk import AudioChunk
from stream.play.audio.log import AudioLog, Meter, bar, decibels
from stream.play.audio.stats import AudioStats

PASSAGE = AudioChunk(3, 1, "low", "", 0.5, 0, 0, "", "tiny", opens=True)


def said(observe):
    """Return what is written to a pipe."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as output:
        observe(output)
        output.flush()
    with os.fdopen(reader, newline="") as pipe:
        return pipe.read()


def test_a_line_a_tune():
    def observe(output):
        log = AudioLog(output)
        log.notice("seed 3")
        log.tune_began(PASSAGE, AudioStats(level=0.1, queue_seconds=5.04, underruns=2))
        assert log.meter(PASSAGE, AudioStats(), 10.0) is None
        log.close()

    wanted = "seed 3\ntune 1 style low level -20 dB queue 5.0 s under-runs 2\n"
    assert said(observe) == wanted


def test_a_meter_that_moves():
    def observe(output):
        meter = Meter(output)
        meter.notice("seed 3")
        assert meter.meter(PASSAGE, AudioStats(level=1.0, died=1), 10.0) == 10.5
        meter.close()

    line = "tune 1 style low level 0 dB queue 0.0 s under-runs 0 given up 1"
    assert said(observe) == f"\rseed 3\x1b[K\n\r{'█' * 24} {line}\x1b[K\n"


def test_levels():
    assert [decibels(level) for level in (1.0, 0.1, 0.0)] == [0, -20, -99]
    assert [bar(level).count("█") for level in (1.0, 10 ** (-24 / 20), 0.0)] == [24, 12, 0]
