"""What the listener wishes: flags over a TOML file over defaults. An unknown key is an error."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stream.config.bounds import checked
from stream.config.part_channels import parse_channels
from stream.config.style_syntax import parse_style
from stream.errors import SettingsError
from stream.music.controls import CONTROLS, Controls, ControlTable
from stream.util import regular_file
from stream.util.suggestion import did_you_mean

DEFAULT_VOICE = "commons"
MOST_BYTES = 1_000_000
"""In a settings file."""


@dataclass(frozen=True, slots=True)
class Settings(ControlTable):
    """All settings of `play` and `render`; each field is a flag and a key of the file.

    The controls are the fields of the table; the other fields are declared here.
    """

    style: str = ""
    voice: str = DEFAULT_VOICE
    """A shipped voice by name, or the path of a voice file."""
    out: tuple[str, ...] = ()
    """Outputs; none: the best there is."""
    absent: str = "refuse"
    """An output that is not there at the start is an error (`refuse`), or awaited (`await`)."""
    seed: int | None = None
    """Seed of the stream; none: a new one each time."""
    minutes: float | None = None
    """End at the first phrase end after so many minutes; none: never."""
    stats: str = ""
    """File for the counters, as JSON."""
    volume: float = 1.0
    """Of a voice that makes sound itself; 1 as it was learnt."""
    responsive: bool = False
    """A control that is moved is heard with the next note, not from the next bar on."""
    profile: str = ""
    """The synthesizer that plays, by name or file: its channel, range, polyphony and program."""
    channels: str = ""
    """MIDI channels of the parts: `soprano=1,alto=2,tenor=3,bass=4` or `melody=1,chords=2,bass=3`,
    which is how they are without a profile; with one, all are on its channel unless given here."""
    cc: str = ""
    """Sent at the start, by the profile's names of controllers, or by number: `cutoff=80,71=20`."""
    clock: str = "off"
    """MIDI clock: `send` it to the outputs, `follow` that of the input, follow Ableton `link`."""
    input: str = ""
    """MIDI input, by a part of its name; empty: none."""
    map: str = ""
    """TOML file that says what the input's controllers move; `perpetuum learn` writes it."""
    answer: str = "off"
    """What is played on the input: `answer` it in turn, go on as a `duet`, `seed` the music."""
    thru: bool = False
    """Pass what is played on the input on to the outputs."""
    panel: str = ""
    """Where the web panel is served, `127.0.0.1:8765`, `[::]:8765` for all; empty: nowhere."""
    osc: str = ""
    """Where OSC is heard, `127.0.0.1:9000`; empty: nowhere."""
    osc_to: tuple[str, ...] = ()
    """Hosts and networks that OSC may have sent to, beside this machine and who asks:
    `192.168.1.20`, `192.168.1.0/24`."""
    record: float = 4.0
    """Hours of music that are kept as rolling recordings; 0: none."""
    recordings: str = ""
    """Folder of the rolling recordings; empty: the account's, or the service's."""

    @property
    def controls(self) -> Controls:
        """The part that travels to the composer. Raises `SettingsError` for a malformed style."""
        values = {name: getattr(self, name) for name in CONTROLS}
        return Controls(**(values | {"style": parse_style(self.style)}))

    @property
    def parts(self) -> tuple[int, ...]:
        """Channel (1-16) of each part; none: as it comes. Raises `SettingsError`."""
        return parse_channels(self.channels)


KEYS = tuple(
    sorted((each.name for each in dataclasses.fields(Settings)), key=CONTROLS.__contains__)
)
"""Names of all settings; the controls are the last."""


def moved(controls: Controls, wishes: Mapping[str, Any]) -> Controls:
    """The controls with some of them moved; `wishes` are written as in a settings file.

    Raises `SettingsError` with the value, the range and the remedy; then nothing is moved.
    """
    values: dict[str, Any] = {}
    for name, wish in wishes.items():
        if name not in CONTROLS:
            raise SettingsError(
                f"{name[:40]!r}: no control; there are {', '.join(CONTROLS)}"
                + did_you_mean(name, CONTROLS)
            )
        values[name] = checked(name, wish, name)
    if "style" in values:
        values["style"] = parse_style(values["style"])
    return _consistent(dataclasses.replace(controls, **values))


def _consistent(controls: Controls) -> Controls:
    if controls.low > controls.high:
        raise SettingsError(f"low {controls.low}: is above high {controls.high}; give low <= high")
    return controls


def load(config: Path | None, flags: Mapping[str, Any]) -> Settings:
    """Settings from a TOML file, if any, and the flags that were given (not None).

    Raises `SettingsError` for an unreadable file, an unknown key, a wrong type or range.
    """
    settings = Settings()
    if config is not None:
        for key, value in _read(config).items():
            settings = _with(settings, key, value, f"{config}: {key}")
    for key, value in flags.items():
        if value is not None:
            settings = _with(settings, key, value, f"--{key.replace('_', '-')}")
    _consistent(settings.controls)
    parse_channels(settings.channels)
    return settings


def _read(config: Path) -> dict[str, Any]:
    try:
        content = regular_file.read(config, MOST_BYTES, "settings file")
    except OSError as error:
        raise SettingsError(f"--config {config}: can not be read: {error.strerror}") from error
    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:
        raise SettingsError(f"--config {config}: no valid TOML: lists without end") from error
    except ValueError as error:
        # Malformed TOML, bytes that are no text, numbers of thousands of digits.
        raise SettingsError(f"--config {config}: no valid TOML: {error}") from error


def _with(settings: Settings, key: str, value: Any, origin: str) -> Settings:
    """The settings with one value replaced; `origin` names it in the error message."""
    if key not in KEYS:
        raise SettingsError(
            f"{origin}: unknown key; known are {', '.join(KEYS)}{did_you_mean(key, KEYS)}"
        )
    return dataclasses.replace(settings, **{key: checked(key, value, origin)})
