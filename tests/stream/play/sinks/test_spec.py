import pytest

from stream.errors import SettingsError, SinkError
from stream.play.sinks.midifile import MidiFileSink
from stream.play.sinks.null import NullSink
from stream.play.sinks.serialport import SerialSink
from stream.play.sinks.spec import open_sink


def test_kinds(receiver, tmp_path):
    kinds = {
        "null": NullSink,
        f"file:{tmp_path}/a:b.mid": MidiFileSink,
        f"serial:{receiver.device}": SerialSink,
        f"serial:{receiver.device}@38400": SerialSink,
    }
    for spec, kind in kinds.items():
        sink = open_sink(spec)
        assert type(sink) is kind
        sink.close()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("piano", r"--out piano: no such output; use one of port.:PART., .*, null"),
        ("", r"--out : no such output; use one of port"),
        ("virtual:", r"--out virtual: .* requires a name; write virtual:NAME"),
        ("serial:", r"--out serial: .* requires a name; write serial:/dev/ttyAMA0"),
        (
            "serial:/dev/x@fast",
            r"the rate 'fast' is not a whole number above 0; write serial:/dev/x for",
        ),
        ("serial:/dev/x@0", r"the rate '0' is not a whole number above 0"),
        ("file:a.wav", r"--out file:a.wav: a recording is a MIDI file; write file:NAME.mid"),
        ("osc:", r"--out osc: .* requires a name; write osc:127.0.0.1:9001"),
        ("osc:9001", r"--out osc: 9001: not an address; write a host and a port from 1 to 65535"),
        ("null:x", r"--out null:x: null takes no argument; write null"),
    ],
)
def test_malformed(spec, message):
    with pytest.raises(SettingsError, match=message):
        open_sink(spec)


@pytest.mark.parametrize("spec", ["serial:/dev/none", "file:/none/a.mid", "fluidsynth:/none.sf2"])
def test_not_there(spec):
    with pytest.raises(SinkError, match=spec.partition(":")[2]):
        open_sink(spec)
