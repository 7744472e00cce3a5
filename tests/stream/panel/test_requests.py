import json

import pytest

from stream.errors import SettingsError
from stream.panel import requests
from stream.panel.state import State
from tests.stream.panel.fake_player import CONTROLS, PROFILE, hello


@pytest.fixture
def state():
    found = State()
    found.update({"hello": hello(profile=PROFILE)})
    found.update({"controls": CONTROLS | {"high": 80}})
    found.update({"outputs": ["null"]})
    found.update({"ports": ["port:One"]})
    return found


def checked(message, state):
    number, request = requests.read(message)
    return number, requests.checked_request(request, state)


@pytest.mark.parametrize(
    "request_",
    [
        {"set": {"bpm": 90, "swing": 0.5}},
        {"set": {"style": "bach:0.70,jazz:0.30"}},
        {"set": {"style": ""}},
        {"set": {"ensemble": "band", "parts": "bass=off,drums=2"}},
        {"set": {"ensemble": "", "energy": 0.8, "arc": 0, "expression": 2}},
        {"set": {"scale": "F# dorian", "low": 40, "high": 60}},
        {"set": {}},
        {"play": True},
        {"play": False},
        {"next": True},
        {"panic": True},
        {"save": 10},
        {"sleep": 20},
        {"sleep": 0},
        {"day": "until next"},
        {"day": "follow"},
        {"stars": 5},
        {"stars": {"stars": 5, "tune": 17}},
        {"out": ["port:One", "null"]},
        {"voice": "other"},
        {"cc": {"cutoff": 127, "resonance": 0}},
    ],
)
def test_a_valid_request_is_unchanged(state, request_):
    assert checked(json.dumps({"id": 7, **request_}), state) == (7, request_)


def test_numbers_may_be_written_as_text(state):
    assert checked('{"id": 0, "set": {"bpm": "90"}}', state) == (0, {"set": {"bpm": 90}})


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "invalid message"),
        ('{"id": 1, "set": {"ensemble": "/etc/passwd"}}', "not available; give one of ambient"),
        ('{"id": 1, "set": {"ensemble": "./band.toml"}}', "not available; give one of ambient"),
        ('{"id": 1, "set": {"ensemble": 5}}', "ensemble: 5 is not a text"),
        ('{"id": 1, "set": {"parts": "tuba=off"}}', "'tuba' is not a part"),
        ("[]", "is not a JSON object"),
        ("[" * 5000, "nested too deeply"),
        ("x" * 9000, "8192 at most"),
        ('{"set": {}}', "id"),
        ('{"id": -1, "next": true}', "id"),
        ('{"id": true, "next": true}', "id"),
        ('{"id": 1}', "0 requests"),
        ('{"id": 1, "next": true, "panic": true}', "2 requests"),
        ('{"id": 1, "midi": [144, 60, 100]}', "unknown request"),
        ('{"id": 1, "notice": "x"}', "unknown request"),
        ('{"id": 1, "next": false}', "the value must be true"),
        ('{"id": 1, "play": 1}', "neither true nor false"),
        ('{"id": 1, "set": {"bpm": NaN}}', "from 20 to 300"),
        ('{"id": 1, "set": {"bpm": 1e999}}', "from 20 to 300"),
        ('{"id": 1, "set": {"bpm": true}}', "from 20 to 300"),
        ('{"id": 1, "set": {"bpm": 301}}', "from 20 to 300"),
        ('{"id": 1, "set": {"tempo": 100}}', "unknown control"),
        ('{"id": 1, "set": {"low": 90}}', "above high 80"),
        ('{"id": 1, "set": {"style": "polka"}}', "known are folk"),
        ('{"id": 1, "set": {"style": "bach:x"}}', "not a style with a weight"),
        ('{"id": 1, "set": {"scale": "H major"}}', "write a key"),
        ('{"id": 1, "set": []}', "is not an object"),
        ('{"id": 1, "set": {"style": "%s"}}' % ("a" * 1001), "1000 at most"),
        ('{"id": 1, "save": NaN}', "from 0.1 to 1440"),
        ('{"id": 1, "save": 0}', "from 0.1 to 1440"),
        ('{"id": 1, "sleep": -1}', "from 0 to 1440"),
        ('{"id": 1, "day": "tomorrow"}', "'tomorrow' is not one of until next, follow"),
        ('{"id": 1, "stars": 6}', "from 1 to 5"),
        ('{"id": 1, "stars": 4.5}', "from 1 to 5"),
        ('{"id": 1, "stars": {"stars": 6, "tune": 1}}', "from 1 to 5"),
        ('{"id": 1, "stars": {"stars": 5, "tune": -1}}', "not a whole number from 0"),
        ('{"id": 1, "stars": {"stars": 5}}', "is not an object of stars and tune"),
        (
            '{"id": 1, "stars": {"stars": 5, "tune": 1, "x": 1}}',
            "is not an object of stars and tune",
        ),
        ('{"id": 1, "out": ["file:/etc/cron.d/x.mid"]}', "not available"),
        ('{"id": 1, "out": []}', "not a list"),
        ('{"id": 1, "out": "null"}', "not a list"),
        ('{"id": 1, "voice": "/etc/passwd.onnx"}', "not available"),
        ('{"id": 1, "cc": {"cutoff": 128}}', "from 0 to 127"),
        ('{"id": 1, "cc": {"volume": 1}}', "not a controller"),
        ('{"id": 1, "cc": {"74": 1}}', "not a controller"),
    ],
)
def test_what_is_not_has_a_reason(state, message, reason):
    with pytest.raises(SettingsError, match=reason):
        checked(message, state)


def test_a_refusal_finds_its_message():
    assert requests.number_in('{"id": 5, "polka": 1}') == 5
    for message in (
        "",
        "{}",
        '{"id": "5"}',
        '{"id": 1.5}',
        '{"id": NaN}',
        '{"id": 5}' + " " * 9000,
    ):
        assert requests.number_in(message) is None
