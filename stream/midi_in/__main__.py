"""MIDI input as a hand: `python -m stream.midi_in '{"input": "UM-ONE", "clock": "follow"}'`.

The settings are those of the program: input, map (a file, or what is in it), answer, thru, clock.
"""

from __future__ import annotations

import contextlib
import select
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stream.config.bounds import checked
from stream.control.socket import PlayerSocket, own_settings
from stream.errors import SettingsError, StreamError
from stream.midi_in import mapping
from stream.midi_in.dispatcher import InputOptions, MidiDispatcher
from stream.midi_in.reopener import Reopener
from stream.midi_in.spec import source_of
from stream.util.realtime import clock_priority

NO_CLOCK = "--clock follow: from where? Name the MIDI input with --input PORT"


def wishes_of(document: Mapping[str, Any]) -> InputOptions:
    """What the input is for. Raises `SettingsError`."""
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
    """The input, the player, and the desk between them."""

    def __init__(self, hand: PlayerSocket, desk: MidiDispatcher, keeper: Reopener | None) -> None:
        self._hand = hand
        self._desk = desk
        self._keeper = keeper

    def run(self) -> None:
        """Until the player ends."""
        if self._keeper:
            self._keeper.start(time.monotonic())
            self._tell_notices(self._keeper)
        while not self._hand.ended:
            self._turn()
        if self._keeper:
            self._keeper.close()

    def _turn(self) -> None:
        """Wait for something to happen, and see to it."""
        files = [self._hand, *(self._keeper.files() if self._keeper else ())]
        ready = select.select(files, [], [], self._patience())[0]
        # The input first: what it brought has been waiting for us.
        if self._keeper:
            self._hear(self._keeper)
        now = time.monotonic()
        if self._hand in ready:
            for event in self._hand.receive():
                self._tell(self._desk.event(now, event))
        self._tell(self._desk.due(now))

    def _patience(self) -> float | None:
        """Seconds until something is due; None: nothing is."""
        keeper = self._keeper.deadline if self._keeper else None
        deadlines = [at for at in (self._desk.deadline, keeper) if at is not None]
        return max(min(deadlines) - time.monotonic(), 0) if deadlines else None

    def _hear(self, keeper: Reopener) -> None:
        was_there = keeper.connected
        for at, data in keeper.take(time.monotonic()):
            self._tell(self._desk.due(at))
            self._tell(self._desk.message(at, data))
        if was_there and not keeper.connected:
            self._tell(self._desk.release(time.monotonic()))
        self._tell_notices(keeper)

    def _tell_notices(self, keeper: Reopener) -> None:
        self._tell([{"notice": text} for text in keeper.notices])
        keeper.notices.clear()

    def _tell(self, commands: list[dict[str, Any]]) -> None:
        for command in commands:
            self._hand.tell(command)


def main() -> int:
    """Serve the player until it ends; 2 where the settings are wrong."""
    hand = PlayerSocket()
    try:
        document = own_settings()
        wishes = wishes_of(document)
        source = source_of(document["input"]) if document.get("input") else None
        if wishes.clock == "follow" and source is None:
            raise SettingsError(NO_CLOCK)
        timely = clock_priority() if wishes.clock == "follow" else contextlib.nullcontext()
        if wishes.clock == "link":
            from stream.midi_in.ableton_link import LinkThread  # asyncio is heavy

            LinkThread(hand.tell).start()
    except StreamError as error:
        hand.tell({"notice": str(error)})
        return error.exit_code
    with timely:
        MidiInput(hand, MidiDispatcher(wishes), Reopener(source) if source else None).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
