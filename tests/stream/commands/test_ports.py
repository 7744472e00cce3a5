"""`perpetuum ports`: what `--out` and `--input` can name."""

import argparse
import json

import pytest

from stream.commands import ports
from stream.errors import InputError
from stream.midi.survey import Ports

NONE = "neither ALSA's sequencer nor a JACK server runs here"


@pytest.mark.parametrize(
    ("outputs", "reason", "inputs", "said", "why"),
    [
        (("UM-ONE 20:0",), "", ["Keystation 24:0", "UM-ONE 20:0"],
         ["  UM-ONE 20:0"], ["  Keystation 24:0", "  UM-ONE 20:0"]),
        (("UM-ONE 20:0",), "", [], ["  UM-ONE 20:0"], ["  none: no MIDI input is connected"]),
        ((), NONE, [], [f"  none: {NONE}"], [f"  none: {NONE}"]),
        ((), NONE, InputError("no rtmidi"), [f"  none: {NONE}"], ["  none: no rtmidi"]),
    ],
)  # fmt: skip
def test_outputs_and_inputs_are_listed(monkeypatch, capsys, outputs, reason, inputs, said, why):
    def port_list():
        if isinstance(inputs, InputError):
            raise inputs
        return inputs

    monkeypatch.setattr(ports, "survey", lambda: Ports(outputs, reason))
    monkeypatch.setattr(ports, "port_list", port_list)
    assert ports.run(argparse.Namespace(json=False)) == 0
    told = ["outputs, for --out port:NAME:", *said, "inputs, for --input NAME:", *why]
    assert capsys.readouterr().out.splitlines() == told
    assert ports.run(argparse.Namespace(json=True)) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["ports"] == list(outputs)
    assert facts["inputs"] == ([] if isinstance(inputs, InputError) else inputs)
