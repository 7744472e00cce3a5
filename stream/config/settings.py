"""Settings of a stream: defaults, overridden by a TOML file, overridden by flags."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stream.config.bounds import checked
from stream.config.mqtt_table import flattened
from stream.config.part_channels import parse_channels
from stream.config.style_syntax import parse_style
from stream.ensembles.ensemble import SOLO
from stream.errors import SettingsError
from stream.music.controls import CONTROLS, Controls, ControlTable
from stream.util import regular_file
from stream.util.suggestion import did_you_mean

DEFAULT_VOICE = "commons"
MOST_BYTES = 1_000_000
"""Size limit of a settings file."""


@dataclass(frozen=True, slots=True)
class Settings(ControlTable):
    """All settings of `play` and `render`; each field is a flag and a key of the file.

    The controls are the fields of the table; the other fields are declared here.
    """

    style: str = ""
    voice: str = DEFAULT_VOICE
    """The name of a shipped voice, or the path of a voice file."""
    out: tuple[str, ...] = ()
    """Outputs, each for all parts, or for some as `port:Volca=bass`; empty: the best available
    output."""
    absent: str = "refuse"
    """Reaction to an output that is missing at the start: an error (`refuse`) or wait (`await`)."""
    seed: int | None = None
    """Seed of the stream; without it, each start draws a new seed."""
    minutes: float | None = None
    """Minutes of music, after which the stream ends at the next phrase end; without it, the stream
    never ends."""
    stats: str = ""
    """File to which the counters are written as JSON."""
    gain: float = 1.0
    """Gain of a voice that makes sound itself; 1 as trained."""
    responsive: bool = False
    """Apply a changed control at the next note instead of the next bar."""
    profile: str = ""
    """Profile of the synthesizer, by name or file: its channel, range, polyphony and program."""
    channels: str = ""
    """MIDI channels of the parts: `soprano=1,alto=2,tenor=3,bass=4` or `melody=1,chords=2,bass=3`,
    which are the defaults without a profile. With a profile, all parts that are not named here
    play on its channel."""
    cc: str = ""
    """Control changes sent at the start, by the profile's names of controllers or by number:
    `cutoff=80,71=20`."""
    clock: str = "off"
    """MIDI clock: `send` it to the outputs, `follow` the clock of the input, or follow Ableton
    `link`."""
    input: str = ""
    """MIDI input, by a part of its name; empty: no input."""
    map: str = ""
    """TOML file that maps controllers of the input to controls; `perpetuum learn` writes it."""
    answer: str = "off"
    """Reaction to playing on the input: `answer` it in turn, continue it as a `duet`, `seed` the
    music with it, or have the band alone `accompany` it."""
    thru: bool = False
    """Forward what is played on the input to the outputs."""
    panel: str = ""
    """Address of the web panel: `127.0.0.1:8765` for this machine, `[::]:8765` for the network;
    empty: no panel."""
    radio: str = ""
    """Address of the radio, a stream of the music for players of internet radio:
    `127.0.0.1:8766` for this machine, `[::]:8766` for the network; empty: no radio."""
    osc: str = ""
    """Address on which OSC is received, such as `127.0.0.1:9000`; empty: no OSC."""
    osc_to: tuple[str, ...] = ()
    """Hosts and networks to which OSC clients may have messages sent, besides this machine and
    themselves: `192.168.1.20`, `192.168.1.0/24`."""
    pairing_code: str = ""
    """File with the code that pairs a browser with the panel; empty: the environment variable
    `PERPETUUM_PAIRING_CODE`, or a new code at each start."""
    mqtt: str = ""
    """MQTT broker, such as `homeassistant.local` or `192.168.1.5:1883`, where Home Assistant finds
    the player; empty: no MQTT."""
    mqtt_credentials: str = ""
    """File with the user name for the broker in its first line, and the password in its second."""
    mqtt_tls: bool = False
    """Encrypt the connection to the broker, whose certificate is checked."""
    mqtt_ca: str = ""
    """File with the certificate of the authority that signed the broker's; empty: those of the
    system."""
    mdns: bool = False
    """Announce panel and OSC in the local network, if other machines reach them."""
    name: str = ""
    """Name of the player in the house; empty: `Perpetuum` and the name of the machine."""
    record: float = 4.0
    """Hours of music that are kept as rolling recordings; 0: no recordings."""
    fade: float | None = None
    """Seconds over which the music fades before it ends by `minutes` or the sleep timer; without
    it, 30 for the sleep timer, and no fade at the end of `minutes`."""
    fade_in: float = 0.0
    """Seconds over which the music fades in at the start, and after a silence of the day."""
    every: float = 0.0
    """Minutes from the start of one tune to the start of the next, with silence in between; 0: one
    tune follows the other."""
    recordings: str = ""
    """Folder of the rolling recordings; empty: the default folder of the account or the service."""
    kept: str = ""
    """Folder of the kept tunes; empty: `kept` beside the folder of the recordings."""

    day: tuple[Mapping[str, Any], ...] = ()
    """The tables `[[day]]` of the file: the entries of a day (`docs/day.md`)."""
    place: Mapping[str, Any] = field(default_factory=dict)
    """The table `[place]` of the file: coordinates and time zone."""

    @property
    def controls(self) -> Controls:
        """Snapshot of the controls. Raises `SettingsError` for a malformed style.

        On one synthesizer the voice plays alone, unless an ensemble is given.
        """
        values = {name: getattr(self, name) for name in CONTROLS}
        if not self.ensemble and (self.profile or self.channels):
            values["ensemble"] = SOLO
        return Controls(**(values | {"style": parse_style(self.style)}))

    @property
    def part_channels(self) -> tuple[int, ...]:
        """Channel (1-16) of each part; empty: as composed. Raises `SettingsError`."""
        return parse_channels(self.channels)


TABLES = ("day", "place")
"""Settings that are tables of the file, and no flags; `stream.day` reads them."""
KEYS = tuple(
    sorted(
        (each.name for each in dataclasses.fields(Settings) if each.name not in TABLES),
        key=CONTROLS.__contains__,
    )
)
"""Names of all settings but the tables, the controls last."""


def with_changes(controls: Controls, changes: Mapping[str, Any]) -> Controls:
    """Return the controls with some of them changed; values are written as in a settings file.

    Raises `SettingsError` with the value, the range and the remedy if any value is invalid.
    """
    values: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in CONTROLS:
            raise SettingsError(
                f"{name[:40]!r}: unknown control; known are {', '.join(CONTROLS)}"
                + did_you_mean(name, CONTROLS)
            )
        values[name] = checked(name, value, name)
    if "style" in values:
        values["style"] = parse_style(values["style"])
    return _consistent(dataclasses.replace(controls, **values))


def _consistent(controls: Controls) -> Controls:
    if controls.low > controls.high:
        raise SettingsError(f"low {controls.low} is above high {controls.high}; give low <= high")
    if controls.slowest > controls.fastest:
        raise SettingsError(
            f"slowest {controls.slowest:g} is above fastest {controls.fastest:g}; give slowest <="
            " fastest"
        )
    return controls


def load(config: Path | None, flags: Mapping[str, Any]) -> Settings:
    """Return the settings of a TOML file, if any, and of the flags that are not None.

    Raises `SettingsError` for an unreadable file, an unknown key, a wrong type or range.
    """
    settings = Settings()
    if config is not None:
        for key, value in flattened(_read(config), str(config)).items():
            with_key = _with_table if key in TABLES else _with
            settings = with_key(settings, key, value, f"{config}: {key}")
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
        raise SettingsError(f"--config {config}: cannot be read: {error.strerror}") from error
    try:
        return tomllib.loads(content.decode())
    except RecursionError as error:
        raise SettingsError(
            f"--config {config}: invalid TOML: lists are nested too deeply"
        ) from error
    except ValueError as error:
        # Malformed TOML, bytes that are not UTF-8, numbers of thousands of digits.
        raise SettingsError(f"--config {config}: invalid TOML: {error}") from error


def _with(settings: Settings, key: str, value: Any, origin: str) -> Settings:
    """Return the settings with one value replaced; `origin` opens the error message."""
    if key not in KEYS:
        raise SettingsError(
            f"{origin}: unknown key; known are {', '.join((*KEYS, *TABLES))}"
            f"{did_you_mean(key, (*KEYS, *TABLES))}"
        )
    return dataclasses.replace(settings, **{key: checked(key, value, origin)})


def _with_table(settings: Settings, key: str, value: Any, origin: str) -> Settings:
    """Return the settings with a table, whose members are read later, or a list of tables."""
    if key == "place":
        if not isinstance(value, dict):
            raise SettingsError(f"{origin}: not a table; write [place] on a line of its own")
        return dataclasses.replace(settings, place=value)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise SettingsError(f"{origin}: not a list of tables; write [[day]] above each entry")
    return dataclasses.replace(settings, day=tuple(value))
