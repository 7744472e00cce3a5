"""The URL at which the speakers of the house hear the radio."""

from __future__ import annotations

from collections.abc import Iterable

from stream.panel.address import panel_address, url
from stream.radio.access_token import read_token, token_folder
from stream.radio.links import radio_among, stream_url


def radio_url(outputs: Iterable[str], panel: str) -> str:
    """Return the URL of the radio among the outputs, with its token; empty without a radio.

    A radio that only this machine hears is also on the address of the panel, `panel`.
    """
    address = radio_among(outputs)
    if address is None:
        return ""
    served = panel_address(panel) if panel else address
    reached = served if address.loopback and not served.loopback else address
    if reached.loopback:
        return stream_url(url(reached))
    try:
        token = read_token(token_folder())
    except OSError:
        token = ""
    return stream_url(url(reached), token)
