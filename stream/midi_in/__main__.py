"""MIDI input as a controller: `python -m stream.midi_in '{"input": "UM-ONE", "clock": "follow"}'`.

The settings are those of the program: input, map (a file, or its content), answer, thru, clock.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stream.config.bounds import checked
from stream.control.socket import PlayerSocket, settings_argument
from stream.errors import SettingsError, StreamError
from stream.midi_in import mapping
from stream.midi_in.dispatcher import InputOptions, MidiDispatcher
from stream.midi_in.reopener import Reopener
from stream.midi_in.spec import source_of
from stream.util.event_wait import earliest
from stream.util.realtime import clock_priority

NO_CLOCK = "--clock follow: needs a MIDI input that sends the clock; name it with --input PORT"


def input_options(document: Mapping[str, Any]) -> InputOptions:
    """Return the options in the settings. Raises `SettingsError`."""
    mapped = document.get("map") or {}
    return InputOptions(
        map=mapping.load(Path(mapped))
        if isinstance(mapped, str)
        else mapping.map_of(mapped, "--map"),
        **{
            name: checked(name, document[name], f"--{name}")
            for name in ("answer", "thru", "clock")
            if name in document
        },
    )


class MidiInput:
    """The input, the player, and the dispatcher between them."""

    def __init__(
        self, player: PlayerSocket, dispatcher: MidiDispatcher, reopener: Reopener | None
    ) -> None:
        self._player = player
        self._dispatcher = dispatcher
        self._reopener = reopener

    def run(self) -> None:
        """Dispatch messages until the player ends; the system closes the input with the process."""
        if self._reopener:
            self._reopener.start(time.monotonic())
            self._send_notices(self._reopener)
        while not self._player.ended:
            self._turn()

    def _turn(self) -> None:
        """Wait until something happens, and handle it."""
        files = [self._player, *(self._reopener.files() if self._reopener else ())]
        ready = select.select(files, [], [], self._timeout())[0]
        # The input first: its messages have been waiting.
        if self._reopener:
            self._read_input(self._reopener)
        now = time.monotonic()
        if self._player in ready:
            for event in self._player.receive():
                self._send(self._dispatcher.event(now, event))
        self._send(self._dispatcher.due(now))

    def _timeout(self) -> float | None:
        """Return the seconds until the next deadline; None without one."""
        reopening = self._reopener.deadline if self._reopener else None
        deadline = earliest(self._dispatcher.deadline, reopening)
        return None if deadline is None else max(deadline - time.monotonic(), 0)

    def _read_input(self, reopener: Reopener) -> None:
        was_connected = reopener.connected
        for at, data in reopener.read(time.monotonic()):
            self._send(self._dispatcher.due(at))
            self._send(self._dispatcher.message(at, data))
        if was_connected and not reopener.connected:
            self._send(self._dispatcher.release(time.monotonic()))
        self._send_notices(reopener)

    def _send_notices(self, reopener: Reopener) -> None:
        self._send([{"notice": text} for text in reopener.notices])
        reopener.notices.clear()

    def _send(self, commands: list[dict[str, Any]]) -> None:
        for command in commands:
            self._player.send(command)


def main() -> int:
    """Serve the player until it ends; return 2 if the settings are wrong."""
    player = PlayerSocket()
    try:
        document = settings_argument()
        options = input_options(document)
        source = source_of(document["input"]) if document.get("input") else None
        if options.clock == "follow" and source is None:
            raise SettingsError(NO_CLOCK)
        priority = clock_priority() if options.clock == "follow" else contextlib.nullcontext()
        if options.clock == "link":
            from stream.midi_in.ableton_link import LinkThread  # asyncio is heavy

            LinkThread(player.send).start()
    except StreamError as error:
        player.send({"notice": str(error)})
        return error.exit_code
    with priority:
        MidiInput(player, MidiDispatcher(options), Reopener(source) if source else None).run()
    return 0


if __name__ == "__main__":
    code = main()
    # No library may close its clients now: a thread of libjack that is cancelled at a bad moment
    # aborts the process. The system closes what is open.
    sys.stderr.flush()
    os._exit(code)
