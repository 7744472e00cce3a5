"""What hands can do to a performance. Values are checked already; what can not be is refused."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from mido import Message

from stream.config.bounds import RANGES
from stream.config.settings import CONTROLS
from stream.config.style_syntax import known_style
from stream.errors import SettingsError
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.stream_position import StreamPosition
from stream.play.composer.process import composer_command
from stream.play.control.events import controls as controls_event
from stream.play.recording.format import header_of
from stream.play.recording.recorder import played_part
from stream.play.sinks.spec import sink_of
from stream.play.timing.scheduler import OFF, ON, TimedMessage
from stream.play.timing.tempo_map import TempoMap
from stream.profiles.fit import control_changes
from stream.profiles.profile import Profile
from stream.util.version import program_version
from stream.voices.kind import kind_of
from stream.voices.schema import AUDIO
from stream.voices.spec import find_voice, read_spec, shipped_voices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stream.music.note import Controls
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.performance import Performance
    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.recording.format import Played
    from stream.play.recording.recorder import Recorder
    from stream.play.session import Session
    from stream.play.sinks.router import Router

LONGEST_CALL = 64 * TICKS_PER_BEAT
"""Ticks of what a person has played that are answered."""
VOICE_SECONDS = 0.5
"""From one change of the voice to the next: each reads a file, and starts a process."""
Answer = dict[str, Any]


class Handlers:
    """Does them."""

    def __init__(
        self,
        performance: Performance,
        link: PhraseClient,
        outputs: Router,
        session: Session,
        recorder: Recorder | None,
    ) -> None:
        self._performance = performance
        self._link = link
        self._outputs = outputs
        self._clock = performance.clock
        self._recorder = recorder
        self._voice = find_voice(session.voice)
        self._styles = frozenset(read_spec(self._voice).styles)
        self._session = session
        self._voice_again = 0.0
        # Both read files, and are asked for ten times a second.
        self._version = program_version()
        self._voices = [path.stem for path in shipped_voices() if kind_of(path) != AUDIO]
        self._doers: Mapping[str, Callable[[Any], Answer | None]] = {
            "play": self._play,
            "next": lambda _: performance.refill.recompose(StreamPosition.next_tune),
            "panic": lambda _: performance.sender.silence(),
            "save": self._save,
            "stars": self._rate,
            "out": self._route,
            "voice": self._change_voice,
            "cc": self._turn,
            "midi": self._pass_on,
            "heard": self._answer,
            "follow": self._follow,
            "start": performance.transport.start,
            "continue": performance.transport.resume,
            "stop": lambda _: performance.hold(),
            "notice": performance.notice,
            "secret": performance.notice,  # `Hands` keeps it from all hands
        }

    @property
    def queue(self) -> PhraseQueue:
        return self._performance.queue

    def state(self) -> dict[str, Any]:
        """How things stand, as events: what a hand is told at the start and when it changes."""
        profile = self._session.profile
        return {
            "hello": {
                "version": self._version,
                "seed": self._session.seed,
                "voice": self._voice.stem,
                "voices": self._voices,
                "voice_file": str(self._voice),
                "styles": sorted(self._styles),
                "profile": {"name": profile.name, "cc": dict(profile.cc)} if profile else None,
                "ranges": {name: RANGES[name] for name in CONTROLS if name in RANGES},
            },
            "controls": controls_event(self.controls),
            "playing": self._performance.transport.held is None,
            "outputs": list(self._outputs.names),
        }

    @property
    def controls(self) -> Controls:
        return self._performance.refill.controls

    def do(self, name: str, value: Any) -> Answer | None:
        """Do one thing. Raises `SettingsError`, `VoiceError` with the reason why not."""
        return self._doers[name](value)

    def change(self, controls: Controls) -> None:
        """Let these controls be heard."""
        self._performance.refill.set_controls(controls, self._performance.transport.now())

    def styled(self, controls: Controls) -> Controls:
        """The controls with the styles' names as the voice has them.

        Raises `SettingsError` for a style that the voice lacks.
        """
        style = known_style(controls.style, self._styles, "style '{name}': there are")
        return dataclasses.replace(controls, style=style)

    def _play(self, value: bool) -> None:  # noqa: FBT001 (it is what a hand says)
        if value:
            self._performance.go_on()
        else:
            self._performance.hold()

    def _save(self, minutes: float) -> Answer:
        if self._recorder is None:
            raise SettingsError("save: nothing is recorded; start with --record 4, say")
        return {"file": str(self._recorder.save(minutes, self._sounding()))}

    def _rate(self, wish: Mapping[str, int]) -> Answer:
        slot = self.queue.current
        if self._recorder is None or slot is None:
            raise SettingsError("stars: nothing was recorded yet that could be rated")
        tune = wish.get("tune", slot.phrase.tune)
        return {"file": str(self._recorder.rate(tune, wish["stars"], self._sounding()))}

    def _sounding(self) -> Played | None:
        """What has been heard of the phrase that sounds, all before it being recorded."""
        self._performance.record_ended()
        slot = self.queue.sounding(self._performance.transport.now())
        return played_part(slot) if slot else None

    def _route(self, specs: Sequence[str]) -> None:
        self._outputs.route([sink_of(spec) for spec in specs], self._clock())

    def _change_voice(self, name: str) -> None:
        if (now := self._clock()) < self._voice_again:
            raise SettingsError("voice: it was changed a moment ago; ask again in a second")
        self._voice_again = now + VOICE_SECONDS
        path = find_voice(name)
        spec = read_spec(path)
        if spec.kind == AUDIO:
            raise SettingsError(
                f"voice {name}: makes sound, no notes; only a new start takes it up"
            )
        if self._recorder is not None:
            self._recorder.change(header_of(dataclasses.replace(self._session, voice=name), path))
        self._voice, self._styles = path, frozenset(spec.styles)
        self._link.change(composer_command(path))
        self._performance.refill.recompose(StreamPosition.next_tune)
        asked = {style for blend in self.controls.style for style, _ in blend}
        if not asked <= self._styles:
            self.change(dataclasses.replace(self.controls, style=()))

    def _turn(self, values: Mapping[str, int]) -> None:
        now = self._clock()
        for message in control_changes(self._session.profile or Profile(), values):
            self._outputs.send(TimedMessage(now, ON, message))

    def _pass_on(self, data: bytes) -> None:
        message = Message.from_bytes(data)
        if not hasattr(message, "channel"):
            raise SettingsError(f"midi: {message.type} is for no channel; send notes, controllers")
        order = OFF if message.type == "note_off" else ON
        self._outputs.send(TimedMessage(self._clock(), order, message))

    def _answer(self, heard: Mapping[str, Any]) -> None:
        bpm = self._performance.refill.tempo or self.controls.bpm
        line = TempoMap(heard["end"], 0.0, bpm)
        notes = [
            Note(round(line.tick_at(onset)), max(round(line.tick_at(line.time + length)), 1), *how)
            for onset, length, *how in heard["notes"]
        ]
        call = tuple(sorted((n for n in notes if -LONGEST_CALL <= n.onset < 0), key=_onset))
        if call:
            self._performance.refill.call(call, -call[0].onset)

    def _follow(self, line: Mapping[str, float]) -> None:
        self._performance.refill.tempo = line["bpm"]
        tick = line["beat"] * TICKS_PER_BEAT
        self._performance.transport.follow(TempoMap(line["time"], tick, line["bpm"]))


def _onset(note: Note) -> int:
    return note.onset
