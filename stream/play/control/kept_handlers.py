"""The handlers of commands about kept tunes: keep, stars, and play again."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

from stream.errors import SettingsError, SinkError, StreamError
from stream.play.recording.recorder import played_part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stream.play.observer import Slot
    from stream.play.performance import Performance
    from stream.play.recording.format import Played
    from stream.play.recording.recorder import Recorder


class KeptHandlers:
    """One handler for each command about the music in memory or the kept tunes."""

    def __init__(self, performance: Performance, recorder: Recorder | None) -> None:
        self._performance = performance
        self._recorder = recorder
        self.handlers: Mapping[str, Callable[[Any], dict[str, Any] | None]] = {
            "save": self._save,
            "stars": self._rate,
            "keep": self._keep,
            "again": self._play_again,
            "like": self._like,
            "unlike": self._unlike,
        }

    def state(self) -> dict[str, Any]:
        """Return the folder of the kept tunes, and the tunes that wait to be kept."""
        if self._recorder is None:
            return {"kept": {"folder": "", "revision": 0, "waiting": []}, "taste": {}}
        keeper = self._recorder.keeper
        taste = keeper.learner.taste
        return {
            "taste": {
                "ratings": taste.count,
                "moves": bool(taste.terms),
                "sentence": taste.sentence,
            },
            "kept": {
                "folder": str(keeper.folder),
                "revision": keeper.revision,
                "waiting": keeper.waiting,
            },
        }

    def queue_loaded(self) -> None:
        """Queue the kept tunes that have been read, and use the favourites."""
        if self._recorder:
            self._performance.refill.favourites = self._recorder.keeper.favourites
            self._performance.refill.taste = self._recorder.keeper.learner.taste
        loaded = self._recorder.keeper.loaded if self._recorder else []
        while loaded:
            name, parts = loaded.pop(0)
            performance = self._performance
            try:
                performance.refill.play_again(name, parts, performance.transport.now())
            except StreamError as error:
                performance.notice(str(error))

    def _save(self, minutes: float) -> dict[str, Any]:
        recorder = self._recorder
        if recorder is None:
            raise SettingsError("save: nothing is recorded; restart with --record 4, for example")
        return {"file": str(recorder.save(minutes, self._current_part()))}

    def _rate(self, request: Mapping[str, int]) -> dict[str, Any]:
        slot = self._performance.queue.current
        recorder = self._recorder
        if recorder is None or slot is None:
            raise SettingsError(
                "stars: nothing has been recorded yet; rate a tune that has begun to play,"
                " and restart with --record 4 if recording is off"
            )
        stars, tune = request["stars"], request.get("tune", slot.phrase.tune)
        if slot.kept and tune == slot.phrase.tune:
            recorder.ask(partial(recorder.keeper.rate, stars=stars), slot.kept.name)
            return {"kept": slot.kept.name}
        answer = {"file": str(recorder.rate(tune, stars, self._current_part()))}
        # A tune of long ago can still be rated, but is no longer whole in memory.
        with contextlib.suppress(SinkError):
            recorder.keep(tune, stars)
        return answer

    def _keep(self, request: Mapping[str, int]) -> dict[str, Any]:
        slot, recorder = self._performance.queue.current, self._recorder
        if recorder is None or slot is None:
            raise SettingsError(
                "keep: nothing has been recorded yet; keep a tune that has begun to play,"
                " and restart with --record 4 if recording is off"
            )
        tune = request.get("tune", slot.phrase.tune)
        if slot.kept and tune == slot.phrase.tune:
            return {"kept": slot.kept.name, "tune": tune}
        self._performance.record_ended()
        recorder.keep(tune)
        return {"tune": tune, "ended": tune not in recorder.keeper.waiting and tune != _tune(slot)}

    def _play_again(self, name: str) -> dict[str, Any]:
        recorder = self._known()
        recorder.ask(recorder.keeper.load, name)
        return {"again": name}

    def _like(self, name: str) -> None:
        recorder = self._known()
        recorder.ask(recorder.keeper.like, name)

    def _unlike(self, name: str) -> None:
        recorder = self._known()
        recorder.ask(recorder.keeper.unlike, name)

    def _known(self) -> Recorder:
        if self._recorder is None:
            raise SettingsError("kept tunes need the recorder; restart with --record 4")
        return self._recorder

    def _current_part(self) -> Played | None:
        """Record what was played before; return the part of the current phrase that was played."""
        self._performance.record_ended()
        slot = self._performance.queue.sounding(self._performance.transport.now())
        return played_part(slot) if slot else None


def _tune(slot: Slot) -> int:
    return slot.phrase.tune
