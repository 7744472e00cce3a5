"""The life of a controller with an event loop: from its start to the end of the player."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

from stream.control.async_socket import AsyncPlayerSocket
from stream.errors import StreamError


def run(serve: Callable[[AsyncPlayerSocket], Awaitable[None]]) -> int:
    """Call `serve` with the player's socket, and return the exit code of this process.

    A `StreamError` is told to the player.
    """
    # Ctrl-C in a terminal ends the player, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return asyncio.run(_run(serve))


async def _run(serve: Callable[[AsyncPlayerSocket], Awaitable[None]]) -> int:
    player = await AsyncPlayerSocket.open()
    try:
        await serve(player)
    except StreamError as error:
        player.send({"notice": str(error)})
        await player.drain()
        return error.exit_code
    finally:
        player.close()
    return 0
