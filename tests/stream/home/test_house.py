"""The real player in a house with a real MQTT broker, as Home Assistant sees and plays it."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading

import pytest

from stream.home.options import HomeOptions
from stream.music.controls import CONTROLS
from tests.stream.home.broker import Broker, Subscriber

ROOT = pathlib.Path(__file__).parents[3]
SECONDS = 60
"""A machine may be slow."""
TINY = ROOT / "tests" / "data" / "tiny.onnx"
NAME = "Kitchen"
NODE = HomeOptions.of({"mqtt": "127.0.0.1", "name": NAME}).node
BASE = f"perpetuum/{NODE}"
USERS = {"perpetuum": "a word of mine"}


class Player:
    """`perpetuum play` to no instrument; keeps the lines that it writes."""

    def __init__(self, broker, *flags, voice=TINY):
        command = [
            sys.executable, "-m", "stream", "play", "--out", "null", "--record", "0", "--seed", "1",
            "--voice", voice, "--mqtt", f"127.0.0.1:{broker.port}", "--name", NAME, *flags,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        self.lines = []
        self._told = threading.Condition()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        for line in self.process.stderr:
            with self._told:
                self.lines.append(line.rstrip("\n"))
                self._told.notify_all()

    def wait(self, expression):
        """Wait for a line that the expression matches."""

        def told():
            return any(re.search(expression, line) for line in self.lines)

        with self._told:
            assert self._told.wait_for(told, SECONDS), self.lines

    def count(self, text):
        return sum(text in line for line in self.lines)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(SECONDS)
        self._thread.join()
        self.process.stderr.close()


@pytest.fixture(scope="module")
def credentials(tmp_path_factory):
    path = tmp_path_factory.mktemp("login") / "mqtt"
    path.write_text("perpetuum\na word of mine\n")
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def house(tmp_path_factory, credentials):
    """A broker with a password, a player, and what Home Assistant sees."""
    with (
        Broker(tmp_path_factory.mktemp("broker"), USERS) as broker,
        Subscriber(broker.port, "perpetuum", USERS["perpetuum"]) as seen,
        Player(broker, "--mqtt-credentials", credentials, voice="commons") as player,
    ):
        seen.player = player
        seen.wait(f"{BASE}/availability", "online")
        yield seen


def turn(seen, key, payload, state=None):
    """Publish a command, and wait for the state that follows."""
    topic = seen.device(NODE)["components"][key]["command_topic"]
    seen.publish(topic, payload)
    seen.wait(f"{BASE}/{key}/state", payload if state is None else state)


def test_the_house_finds_one_device_in_the_documented_format(house):
    """https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload"""
    device = house.device(NODE)
    assert device.keys() <= {
        "device", "origin", "components", "availability_topic", "payload_available",
        "payload_not_available",
    }  # fmt: skip
    assert device["device"]["identifiers"] == [NODE]
    assert device["device"]["name"] == NAME
    assert device["origin"]["name"] == "perpetuum"
    assert device["availability_topic"] == f"{BASE}/availability"
    components = device["components"]
    platforms = {key: each["platform"] for key, each in components.items()}
    assert {key for key, platform in platforms.items() if platform == "select"} == {
        "voice", "style", "ensemble",
    }  # fmt: skip
    assert platforms["bpm"] == platforms["energy"] == "number"
    assert platforms["next"] == platforms["play_pause"] == "button"
    assert platforms["play"] == "switch"
    assert platforms["now_playing"] == "sensor"
    identifiers = [each["unique_id"] for each in components.values()]
    assert len({*identifiers}) == len(identifiers)
    for key, each in components.items():
        assert re.fullmatch("[a-zA-Z0-9_-]+", key)
        assert ("state_topic" in each) == (each["platform"] != "button")
        assert ("command_topic" in each) == (each["platform"] != "sensor")


def test_every_number_moves_its_control_and_its_state_follows(house):
    numbers = {
        key: each
        for key, each in house.device(NODE)["components"].items()
        if each["platform"] == "number"
    }
    assert {"bpm", "energy"} <= numbers.keys()
    assert {"volume", "sleep_timer"} <= numbers.keys()
    for key, each in numbers.items():
        if key in CONTROLS:
            assert (each["min"], each["max"]) == CONTROLS[key].bounds
        for share in (0.5, 0.25):
            value = each["min"] + share * (each["max"] - each["min"])
            value = round(value) if float(each["step"]).is_integer() else round(value, 2)
            turn(house, key, f"{value:g}")
        assert key in SHOWN_AT_ONCE or each["enabled_by_default"] is False
    turn(house, "sleep_timer", "0")
    turn(house, "volume", "1")
    house.publish(f"{BASE}/bpm_auto/set", "PRESS")
    house.publish(f"{BASE}/low/set", "0")
    house.publish(f"{BASE}/high/set", "127")
    house.wait(f"{BASE}/high/state", "127")


SHOWN_AT_ONCE = {"bpm", "energy", "volume", "sleep_timer"}


@pytest.mark.parametrize("key", ["style", "ensemble", "voice"])
def test_every_select_moves_its_control_and_its_state_follows(house, key):
    options = house.device(NODE)["components"][key]["options"]
    assert len(options) > 1
    before = house.wait(f"{BASE}/{key}/state")
    assert before in options
    for option in [option for option in options if option != before][:2]:
        turn(house, key, option)
        # The player changes its voice at most twice a second.
        threading.Event().wait(0.6 if key == "voice" else 0)
    turn(house, key, before)


def test_a_blend_of_styles_is_an_option_while_it_is_chosen(house):
    house.publish(f"{BASE}/refused", "", retain=True)
    turn(house, "style", "folk")
    house.publish(f"{BASE}/style/set", "folk:0.5,jazz:0.5")
    house.wait(
        f"{BASE}/refused",
        "style: 'folk:0.5,jazz:0.5' is not one of any, bach, folk, hymn, jazz, song",
    )
    turn(house, "style", "any")


def test_the_music_pauses_and_goes_on(house):
    turn(house, "play", "OFF")
    house.wait(f"{BASE}/now_playing/state", "paused")
    house.publish(f"{BASE}/play_pause/set", "PRESS")
    house.wait(f"{BASE}/play/state", "ON")
    house.publish(f"{BASE}/play_pause/set", "PRESS")
    house.wait(f"{BASE}/play/state", "OFF")
    turn(house, "play", "ON")


def test_the_next_tune_has_another_number_and_the_sensor_says_what_it_is(house):
    def tune():
        return json.loads(house.wait(f"{BASE}/now_playing/attributes")).get("tune")

    turn(house, "play", "ON")
    turn(house, "style", "folk")
    while tune() is None:
        house.wait_again(f"{BASE}/now_playing/attributes")
    before = tune()
    house.publish(f"{BASE}/next/set", "PRESS")
    while tune() == before:
        house.wait_again(f"{BASE}/now_playing/attributes")
    facts = json.loads(house.payloads[f"{BASE}/now_playing/attributes"])
    assert facts["style"] == "folk"
    assert {"tune", "style", "key", "meter", "tempo", "voice", "playing"} <= facts.keys()
    title = house.payloads[f"{BASE}/now_playing/state"]
    assert re.fullmatch(r"folk: .*in [A-G].*, \d+/\d+, \d+ bpm", title)


def test_the_music_goes_to_sleep_by_a_button(house):
    house.publish(f"{BASE}/sleep/set", "PRESS")
    house.wait(f"{BASE}/sleep_timer/state", "20")
    turn(house, "sleep_timer", "0")


@pytest.mark.parametrize(
    ("key", "payload", "reason"),
    [
        ("bpm", "9000", "bpm: 9000.0 is out of range; give a number from 20 to 300, or auto"),
        ("bpm", "fast", "bpm: 'fast' is not a number"),
        ("energy", "nan", "energy: nan is not a number from 0 to 1"),
        ("play", "perhaps", "play: 'perhaps' is neither ON nor OFF"),
        ("ensemble", "/etc/passwd", "ensemble: '/etc/passwd' is not one of"),
        ("voice", "../x", "voice: '../x' is not one of"),
    ],
)
def test_a_wrong_command_is_refused_and_the_true_state_is_told_again(house, key, payload, reason):
    state = f"{BASE}/{key}/state"
    house.wait(state)
    before = house.counts[state]
    house.publish(f"{BASE}/{key}/set", payload)
    while not house.payloads.get(f"{BASE}/refused", "").startswith(reason):
        house.wait_again(f"{BASE}/refused")
    while house.counts[state] == before:
        house.wait_again(state)
    assert house.payloads[state] != payload


def test_no_topic_of_nobody_and_no_command_of_yesterday_does_anything(house):
    turn(house, "energy", "0.5")
    house.publish(f"{BASE}/nothing/set", "1")
    house.publish(f"{BASE}/energy/set/more", "1")
    house.publish(f"{BASE}/now_playing/set", "1")
    turn(house, "energy", "0.25")


def test_a_flood_of_commands_ends_at_the_last_value(house):
    house.publish(f"{BASE}/nothing/set", "x" * 100_000)
    for step in range(500):
        house.publish_soon(f"{BASE}/energy/set", f"{step / 1000:g}")
        house.publish_soon(f"{BASE}/nothing{step}/set", "1")
    turn(house, "energy", "0.75")
    assert house.counts[f"{BASE}/energy/state"] < 400
    turn(house, "energy", "0.5")


def test_home_assistant_is_told_everything_again_when_it_has_started(house):
    topics = (f"homeassistant/device/{NODE}/config", f"{BASE}/availability", f"{BASE}/style/state")
    before = [house.counts[topic] for topic in topics]
    house.publish("homeassistant/status", "offline")
    house.publish("homeassistant/status", "online")
    for topic, count in zip(topics, before, strict=True):
        while house.counts[topic] == count:
            house.wait_again(topic)


def test_a_player_that_is_killed_becomes_unavailable_and_one_that_ends_says_so(
    tmp_path, credentials
):
    with Broker(tmp_path) as broker, Subscriber(broker.port) as seen:
        with Player(broker):
            seen.wait(f"{BASE}/availability", "online")
        seen.wait(f"{BASE}/availability", "offline")
        with Player(broker) as player:
            seen.wait(f"{BASE}/availability", "online")
            player.process.kill()
            seen.wait(f"{BASE}/availability", "offline")


def test_the_broker_may_go_and_come_back_while_the_music_plays(tmp_path):
    with Broker(tmp_path) as broker, Subscriber(broker.port) as seen, Player(broker) as player:
        seen.wait(f"{BASE}/availability", "online")
        player.wait("mqtt .*: connected as Kitchen")
        broker.stop(signal.SIGKILL)
        player.wait("mqtt .*; the player tries again")
        seen.payloads.clear()
        broker.start()
        seen.wait(f"{BASE}/availability", "online")
        seen.device(NODE)
        turn(seen, "energy", "0.75")
        assert player.process.poll() is None
        phrases = player.count("phrase ")
        assert phrases > 0


def test_a_broker_that_refuses_is_told_in_one_line_and_the_music_plays(tmp_path):
    path = tmp_path / "login"
    path.write_text("perpetuum\nwrong\n")
    path.chmod(0o600)
    with Broker(tmp_path, USERS) as broker, Player(broker, "--mqtt-credentials", path) as player:
        player.wait(rf"mqtt 127\.0\.0\.1:{broker.port}: .*check user name and password in {path}")
        player.wait("phrase 2 ")
        assert player.count("mqtt ") == 1


def test_a_file_of_credentials_that_others_read_is_refused_and_the_music_plays(tmp_path):
    path = tmp_path / "login"
    path.write_text("perpetuum\nsecret\n")
    path.chmod(0o644)
    with Broker(tmp_path) as broker, Player(broker, "--mqtt-credentials", path) as player:
        player.wait(rf"mqtt_credentials .*other accounts .*run: chmod 600 {path}")
        player.wait("phrase 1 ")
        assert player.process.poll() is None


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: 'apt install openssl' to try an encrypted broker")
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=perpetuum test", "-addext", "subjectAltName=IP:127.0.0.1",
        "-out", paths[0], "-keyout", paths[1],
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return paths


def test_a_broker_is_encrypted_and_its_certificate_is_checked(tmp_path, certificate):
    tls = [f"certfile {certificate[0]}", f"keyfile {certificate[1]}"]
    with Broker(tmp_path, tls=tls) as broker:
        with Player(broker, "--mqtt-tls", "--mqtt-ca", certificate[0]) as player:
            player.wait(rf"mqtt 127\.0\.0\.1:{broker.port}: connected as {NAME}")
        with Player(broker, "--mqtt-tls") as player:
            player.wait("mqtt .*certificate verify failed.*; the player tries again, and plays on")
            player.wait("phrase 1 ")
        with Player(broker, "--mqtt-tls", "--mqtt-ca", tmp_path / "nowhere") as player:
            player.wait("mqtt_ca .*: cannot be used as a certificate")


def test_nothing_of_the_password_is_seen_by_other_programs(house):
    children = subprocess.run(
        ["ps", "-eo", "args"], check=True, capture_output=True, text=True
    ).stdout
    assert "stream.home" in children
    assert USERS["perpetuum"] not in children
    assert USERS["perpetuum"] not in "".join(os.environ.values())
