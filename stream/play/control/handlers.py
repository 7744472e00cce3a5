"""The handlers of commands for a performance, whose values are checked; each may refuse one."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mido import Message

from stream.config.style_syntax import known_style
from stream.ensembles.remote import described
from stream.errors import SettingsError
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.stream_position import StreamPosition
from stream.music.tune_facts import TuneFacts
from stream.play.control.command_schema import UNTIL_NEXT
from stream.play.control.events import controls_document
from stream.play.control.kept_handlers import KeptHandlers
from stream.play.sinks.spec import sink_of
from stream.play.timing.scheduler import OFF, ON, TimedMessage
from stream.play.timing.tempo_map import TempoMap
from stream.profiles.fit import control_changes
from stream.profiles.profile import Profile
from stream.util.version import program_version
from stream.voices.kind import kind_of
from stream.voices.schema import AUDIO
from stream.voices.spec import shipped_voices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stream.music.note import Controls
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.performance import Performance
    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.recording.recorder import Recorder
    from stream.play.session import Session
    from stream.play.sinks.router import Router

LONGEST_CALL = 64 * TICKS_PER_BEAT
"""Ticks of a call, that is, of what a person has played, that a response takes into account."""
VOICE_SECONDS = 0.5
"""Seconds between two changes of the voice: each reads a file, and starts a process."""
Answer = dict[str, Any]


class Handlers:
    """One handler for each command but `set`, and the state that controllers receive."""

    def __init__(
        self,
        performance: Performance,
        client: PhraseClient,
        outputs: Router,
        session: Session,
        recorder: Recorder | None,
    ) -> None:
        self._performance = performance
        self._client = client
        self._outputs = outputs
        self._clock = performance.clock
        self._recorder = recorder
        self._voice = performance.voice
        self._session = session
        self._voice_allowed_at = 0.0
        # Both read files, and `state` is called ten times a second.
        self._version = program_version()
        self._voices = [path.stem for path in shipped_voices() if kind_of(path) != AUDIO]
        self._kept = KeptHandlers(performance, recorder)
        self._handlers: Mapping[str, Callable[[Any], Answer | None]] = {
            "play": self._play,
            "next": self._next,
            "sleep": performance.agenda.sleep,
            "day": self._day,
            "panic": lambda _: performance.sender.silence(),
            "out": self._route,
            "voice": self._change_voice,
            "cc": self._send_control_changes,
            "midi": self._send_message,
            "call": self._respond,
            "live": self._hear,
            "follow": self._follow,
            "start": performance.transport.start,
            "continue": performance.transport.continue_at,
            "stop": lambda _: performance.pause(),
            "notice": performance.notice,
            "secret": performance.notice,  # `ControllerHub` sends it to no controller
            **self._kept.handlers,
        }

    @property
    def queue(self) -> PhraseQueue:
        return self._performance.queue

    def state(self) -> dict[str, Any]:
        """Return the state as events, which are sent at the start and when they change."""
        profile, agenda = self._session.profile, self._performance.agenda
        return {
            "hello": {
                "version": self._version,
                "seed": self._session.seed,
                "voice": self._voice.path.stem,
                "voices": self._voices,
                "voice_file": str(self._voice.path),
                "styles": sorted(self._voice.styles),
                "ensembles": self._ensembles,
                "profile": {"name": profile.name, "cc": dict(profile.cc)} if profile else None,
            },
            "controls": controls_document(self.controls),
            "playing": self._performance.transport.paused_at is None and not agenda.silent,
            "day": agenda.day_document(),
            "sleep": agenda.sleep_document(),
            "outputs": list(self._outputs.names),
            **self._kept.state(),
        }

    @cached_property
    def _ensembles(self) -> list[dict[str, Any]]:
        """The ensembles that clients may request, which include the one of the settings."""
        return described([self._session.controls.ensemble])

    @property
    def controls(self) -> Controls:
        return self._performance.refill.controls

    def queue_loaded(self) -> None:
        """Queue the kept tunes that have been read."""
        self._kept.queue_loaded()

    def handle(self, name: str, value: Any) -> Answer | None:
        """Handle a command. Raises `SettingsError` or `VoiceError` with the reason of a refusal."""
        return self._handlers[name](value)

    def change(self, controls: Controls) -> None:
        """Apply these controls to the music."""
        self._performance.change(controls)

    def with_full_style(self, controls: Controls) -> Controls:
        """Return the controls with the names of styles as the voice spells them.

        Raises `SettingsError` for a style that the voice lacks.
        """
        style = known_style(
            controls.style, self._voice.styles, "style '{name}': unknown; the voice has"
        )
        return dataclasses.replace(controls, style=style)

    def _play(self, value: bool) -> None:  # noqa: FBT001 (the value of the command)
        if value:
            self._performance.resume()
            self._performance.agenda.play()
        else:
            self._performance.pause()

    def _next(self, _: Any) -> None:
        self._performance.agenda.play()
        self._performance.refill.recompose(StreamPosition.next_tune)

    def _day(self, word: str) -> None:
        agenda = self._performance.agenda
        if agenda.day is None:
            raise SettingsError("day: there is no plan; add [[day]] to the configuration")
        if word == UNTIL_NEXT:
            agenda.overrule_day()
        else:
            agenda.day.follow()

    def _route(self, specs: Sequence[str]) -> None:
        self._outputs.route([sink_of(spec) for spec in specs], self._clock())

    def _change_voice(self, name: str) -> None:
        if (now := self._clock()) < self._voice_allowed_at:
            raise SettingsError("voice: changed less than a second ago; try again in a second")
        self._voice_allowed_at = now + VOICE_SECONDS
        self._performance.voice.choose(name)()
        self._performance.agenda.moved(frozenset({"voice"}))
        self._performance.refill.recompose(StreamPosition.next_tune)
        self.change(self._performance.voice.fitting(self.controls))

    def _send_control_changes(self, values: Mapping[str, int]) -> None:
        now = self._clock()
        for message in control_changes(self._session.profile or Profile(), values):
            self._outputs.send(TimedMessage(now, ON, message))

    def _send_message(self, data: bytes) -> None:
        message = Message.from_bytes(data)
        if not hasattr(message, "channel"):
            raise SettingsError(
                f"midi: {message.type} has no channel; send channel messages, such as notes"
            )
        order = OFF if message.type == "note_off" else ON
        self._outputs.send(TimedMessage(self._clock(), order, message))

    def _respond(self, played: Mapping[str, Any]) -> None:
        bpm = self._sounding_bpm()
        tempo_map = TempoMap(played["end"], 0.0, bpm)
        notes = [
            Note(
                round(tempo_map.tick_at(onset)),
                max(round(tempo_map.tick_at(tempo_map.time + duration)), 1),
                pitch,
                velocity,
            )
            for onset, duration, pitch, velocity in played["notes"]
        ]
        call = tuple(sorted((n for n in notes if -LONGEST_CALL <= n.onset < 0), key=_onset))
        if call:
            self._performance.refill.call(call, -call[0].onset, bpm)

    def _hear(self, played: Mapping[str, Any]) -> None:
        listening = self._performance.refill.listening
        listening.message(played["time"], played["pitch"], played["velocity"])

    def _sounding_bpm(self) -> float:
        """Return the tempo at which a person hears the music now."""
        slot = self.queue.current
        facts = slot.phrase if slot else TuneFacts()
        return self._performance.refill.tempo or self.controls.tempo(facts)

    def _follow(self, beat: Mapping[str, float]) -> None:
        self._performance.refill.tempo = beat["bpm"]
        tick = beat["beat"] * TICKS_PER_BEAT
        self._performance.transport.follow(TempoMap(beat["time"], tick, beat["bpm"]))


def _onset(note: Note) -> int:
    return note.onset
