"""The connection to the MQTT broker: entities are published, their commands go to the player."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator

import aiomqtt

from stream.control.async_socket import AsyncPlayerSocket
from stream.control.socket import Event
from stream.errors import MessageError, SettingsError
from stream.home.credentials import Credentials
from stream.home.discovery import BIRTH, BIRTH_TOPIC, OFFLINE, ONLINE, Device, Topics, discovery
from stream.home.entities import entities
from stream.home.entity import Entity
from stream.home.fault import fault
from stream.home.options import HomeOptions
from stream.home.radio_url import radio_url
from stream.home.state import HomeState
from stream.util.rate_limit import RateLimit

CONNECT_SECONDS = 5.0
"""Longest wait for the broker."""
KEEPALIVE_SECONDS = 30
"""Seconds without a message after which the broker takes a silent player for gone, and a half."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Pauses between two attempts; each is twice as long as the one before."""
SHORTEST_SECONDS, LONGEST_SECONDS = 0.1, 0.5
"""Seconds between two looks at what has changed; a title changes without an event."""
END_SECONDS = 0.1
"""Time (s) after which a task that has not ended is cancelled again."""
COMMANDS_A_SECOND, COMMANDS_AT_ONCE = 20, 20
"""Rate and burst of commands; of those that wait, only the latest of an entity is sent."""
MOST_COMMANDS = 1000
"""Most messages that wait; further ones are dropped."""
MOST_ASKED = 100
"""Most commands whose answers are awaited."""


class Bridge:
    """The player as one device of Home Assistant. Pass it each event of the player."""

    def __init__(
        self,
        player: AsyncPlayerSocket,
        options: HomeOptions,
        credentials: Credentials,
        tls: ssl.SSLContext | None,
        url: str,
    ) -> None:
        """Show `url`, the address of the panel, with the device; an empty one is not shown."""
        if options.broker is None:
            raise SettingsError("mqtt: no broker is given; add --mqtt HOST")
        self._player, self._options = player, options
        self._credentials, self._tls, self._url = credentials, tls, url
        self._broker = options.broker
        self._topics = Topics(options.node)
        self._state = HomeState()
        self._radio = ""
        self._published: dict[str, str] = {}
        """Latest payload of each topic, since the connection or Home Assistant began."""
        self._rate_limit = RateLimit(COMMANDS_A_SECOND, COMMANDS_AT_ONCE)
        self._asked: dict[int, str] = {}
        """Keys of the entities whose commands are not answered yet."""
        self._refusals: list[tuple[str, str]] = []
        """Keys and reasons that have not been published yet."""
        self._commands: dict[str, str] = {}
        """Latest payloads of the command topics that are not sent yet, by key."""
        self._keys: frozenset[str] = frozenset()
        """Keys of the published entities."""
        self._changed, self._arrived = asyncio.Event(), asyncio.Event()
        self._number = 0
        self._told = ""

    def handle(self, event: Event) -> None:
        """Apply an event of the player."""
        if "answer" not in event:
            if self._state.update(event):
                self._changed.set()
            if "outputs" in event:
                self._radio = radio_url(self._state.outputs, self._options.panel)
            return
        answer = event["answer"]
        key = self._asked.pop(answer, "") if isinstance(answer, int) else ""
        if key and isinstance(event.get("refused"), str):
            self._refuse(key, event["refused"])

    def _refuse(self, key: str, reason: str) -> None:
        self._refusals.append((key, reason))
        self._changed.set()

    async def run(self) -> None:
        """Stay connected until cancelled; then say goodbye."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                async with self._connected() as client:
                    pause = FIRST_PAUSE_SECONDS
                    await self._serve(client)
            except (aiomqtt.MqttError, OSError) as error:
                self._tell(fault(error, self._options.credentials))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _tell(self, text: str) -> None:
        """Tell the listener once, and again only after a connection or another fault."""
        if text != self._told:
            self._told = text
            self._player.send({"notice": f"mqtt {self._broker}: {text}"})

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiomqtt.Client]:
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._credentials.user,
            password=self._credentials.password,
            will=aiomqtt.Will(self._topics.availability, OFFLINE, qos=1, retain=True),
            timeout=CONNECT_SECONDS,
            keepalive=KEEPALIVE_SECONDS,
            tls_context=self._tls,
            max_queued_incoming_messages=MOST_COMMANDS,
        )
        async with client:
            self._tell(f"connected as {self._options.name}")
            self._published.clear()
            yield client

    async def _serve(self, client: aiomqtt.Client) -> None:
        """Publish and listen until the connection ends or this is cancelled."""
        await client.subscribe([(self._topics.commands, 1), (BIRTH_TOPIC, 1)])
        running = (self._publish_changes(client), self._listen(client), self._send_commands())
        tasks = [asyncio.create_task(each) for each in running]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            for each in tasks:
                await _end(each)
            # A will is only sent for a connection that is lost, not for one that is closed.
            await client.publish(self._topics.availability, OFFLINE, qos=1, retain=True)

    async def _publish_changes(self, client: aiomqtt.Client) -> None:
        while True:
            self._changed.clear()
            await self._publish_refusals(client)
            if found := self._entities():
                await self._publish(client, found)
            await asyncio.sleep(SHORTEST_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LONGEST_SECONDS)

    def _entities(self) -> list[Entity]:
        now = time.monotonic()
        return list(entities(self._state, self._options.commands, now, self._radio))

    async def _publish(self, client: aiomqtt.Client, found: list[Entity]) -> None:
        self._keys = frozenset(each.key for each in found)
        device = Device(self._options.name, self._state.version, self._url)
        document = json.dumps(discovery(self._topics, device, found))
        await self._put(client, self._topics.discovery, document)
        for each in found:
            if each.state is not None:
                await self._put(client, self._topics.state(each.key), each.state)
            if each.attributes is not None:
                text = json.dumps(each.attributes, ensure_ascii=False)
                await self._put(client, self._topics.attributes(each.key), text)
        await self._put(client, self._topics.availability, ONLINE)

    async def _put(self, client: aiomqtt.Client, topic: str, payload: str) -> None:
        """Publish a payload that its topic does not hold yet."""
        if self._published.get(topic) != payload:
            await client.publish(topic, payload, qos=1, retain=True)
            self._published[topic] = payload

    async def _publish_refusals(self, client: aiomqtt.Client) -> None:
        """Publish the reasons, and the true states of the entities again."""
        while self._refusals:
            key, reason = self._refusals.pop(0)
            await client.publish(self._topics.refused, reason, qos=1)
            self._published.pop(self._topics.state(key), None)

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            payload = message.payload
            text = payload.decode(errors="replace") if isinstance(payload, bytes) else ""
            if str(message.topic) == BIRTH_TOPIC:
                if text == BIRTH:
                    self._published.clear()
                    self._changed.set()
            elif not message.retain:  # a retained command is an old one
                self._take(self._topics.key(str(message.topic)), text)

    def _take(self, key: str, payload: str) -> None:
        """Keep a command for its turn, unless no entity has this key."""
        if key in self._keys:
            self._commands[key] = payload
            self._arrived.set()

    async def _send_commands(self) -> None:
        """Send the latest command of each entity at a limited rate."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._commands:
                await asyncio.sleep(self._rate_limit.reserve(time.monotonic()))
                key = next(iter(self._commands))
                self._command(key, self._commands.pop(key))

    def _command(self, key: str, payload: str) -> None:
        """Send the command of an entity to the player."""
        entity = next((each for each in self._entities() if key and each.key == key), None)
        if entity is None or entity.command is None:
            return
        self._number += 1
        try:
            self._player.send(entity.command(payload) | {"id": self._number})
        except (MessageError, SettingsError) as error:
            self._refuse(key, str(error))
            return
        self._asked[self._number] = key
        if len(self._asked) > MOST_ASKED:
            del self._asked[next(iter(self._asked))]


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel a task until it has ended: Python 3.11 may lose a cancellation in `wait_for`."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=END_SECONDS)
