"""The table `[mqtt]` of a settings file, as the settings that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stream.errors import SettingsError
from stream.util.address import LAST_PORT, bracketed
from stream.util.suggestion import check_keys
from stream.util.validate import shown

KEYS: Mapping[str, str] = {
    "credentials": "mqtt_credentials",
    "tls": "mqtt_tls",
    "ca": "mqtt_ca",
}
"""Settings by their names in the table, besides `host` and `port`."""


def flattened(document: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Return the document with the members of its table `[mqtt]`, if any, as settings.

    Raises `SettingsError`, whose message opens with `origin`, for an invalid table.
    """
    table = document.get("mqtt")
    if not isinstance(table, dict):
        return dict(document)
    known = ("host", "port", *KEYS)
    check_keys(table, known, f"{origin}: mqtt")
    rest = {name: value for name, value in document.items() if name != "mqtt"}
    members = {KEYS[key]: value for key, value in table.items() if key in KEYS}
    return {**rest, "mqtt": _broker(table, origin), **members}


def _broker(table: Mapping[str, Any], origin: str) -> str:
    """Return the address of the broker as a flag names it."""
    host, port = table.get("host"), table.get("port")
    if not isinstance(host, str) or not host:
        raise SettingsError(f"{origin}: mqtt.host: {shown(host)} is not a host; name the broker")
    if port is None:
        return host
    if type(port) is not int or not 1 <= port <= LAST_PORT:
        raise SettingsError(
            f"{origin}: mqtt.port: {shown(port)} is not a port; give 1 to {LAST_PORT}"
        )
    return f"{bracketed(host)}:{port}"
