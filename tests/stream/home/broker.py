"""A real MQTT broker on a free port, and a client of it that sees what Home Assistant would see."""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

SECONDS = 60


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Broker:
    """`mosquitto`, which keeps its messages in memory. With `users` it asks for a password."""

    def __init__(self, folder, users=None, tls=()):
        self.program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin")
        if self.program is None:
            pytest.skip("no mosquitto: 'apt install mosquitto' to try a real MQTT broker")
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", f"allow_anonymous {str(not users).lower()}"]
        if users:
            passwords = folder / "passwords"
            passwords.write_text("".join(f"{user}:{word}\n" for user, word in users.items()))
            passwords.chmod(0o600)
            subprocess.run(["mosquitto_passwd", "-U", passwords], check=True)
            lines.append(f"password_file {passwords}")
        self._config.write_text("\n".join([*lines, *tls, "user root", ""]))
        self._process = None
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            [self.program, "-c", self._config],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + SECONDS
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            assert time.monotonic() < end, "mosquitto does not start"
            time.sleep(0.02)

    def stop(self, sent=signal.SIGTERM):
        self._process.send_signal(sent)
        self._process.wait(SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self.stop(signal.SIGKILL)


class Subscriber:
    """A client that keeps the latest payload of each topic, and how often it came."""

    def __init__(self, port, user=None, password=None):
        mqtt = pytest.importorskip("paho.mqtt.client", reason="'pip install paho-mqtt'")
        self._changed = threading.Condition()
        self.payloads, self.counts = {}, {}
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        if user:
            self._client.username_pw_set(user, password)
        self._client.on_message = self._receive
        self._client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self._client.reconnect_delay_set(0.1, 0.5)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _receive(self, _client, _userdata, message):
        with self._changed:
            self.payloads[message.topic] = message.payload.decode()
            self.counts[message.topic] = self.counts.get(message.topic, 0) + 1
            self._changed.notify_all()

    def publish(self, topic, payload, *, retain=False):
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(SECONDS)

    def publish_soon(self, topic, payload):
        self._client.publish(topic, payload)

    def wait(self, topic, payload=None):
        """Wait for a payload of a topic, or for any; return it."""

        def arrived():
            found = self.payloads.get(topic)
            return found is not None if payload is None else found == payload

        with self._changed:
            assert self._changed.wait_for(arrived, SECONDS), (topic, payload, self.payloads)
            return self.payloads[topic]

    def wait_again(self, topic):
        """Wait for one more message of a topic."""
        with self._changed:
            before = self.counts.get(topic, 0)
            more = self._changed.wait_for(lambda: self.counts.get(topic, 0) > before, SECONDS)
            assert more, (topic, self.counts)

    def device(self, node):
        """The payload of the discovery topic."""
        return json.loads(self.wait(f"homeassistant/device/{node}/config"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()
