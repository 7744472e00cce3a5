"""A listener who meddles, and what was played meanwhile."""

import dataclasses

from hypothesis import strategies as st

from stream.compose.composer import Composer
from stream.config.style_syntax import parse_style
from stream.music.call import Call
from stream.music.note import Controls, Note
from stream.music.stream_position import opening
from stream.play.recording.format import Played
from tests.stream.compose.conftest import TINY

MOVED = {
    "bpm": st.sampled_from([0.0, 60.0, 97.3, 300.0]),
    "slowest": st.sampled_from([20.0, 90.0]),
    "fastest": st.sampled_from([100.0, 300.0]),
    "style": st.sampled_from([parse_style(text) for text in ("", "even", "odd", "even/odd")]),
    "walk": st.integers(1, 4),
    "temperature": st.sampled_from([0.7, 1, 1.5]),
    "top_p": st.sampled_from([0.5, 0.95]),
    "candidates": st.integers(1, 3),
    "density": st.sampled_from([-1.0, 0.0, 0.3]),
    "pitch_memory": st.sampled_from([0.0, 0.5, 1.0]),
    "rhythm_memory": st.sampled_from([0.0, 0.5, 1.0]),
    "swing": st.sampled_from([0.0, 0.33, 0.75]),
    "transpose": st.integers(-36, 36),
    "low": st.integers(0, 60),
    "high": st.integers(60, 127),
    "scale": st.sampled_from(["", "C major", "F# dorian"]),
    "ensemble": st.sampled_from(["", "solo"]),
    "parts": st.sampled_from(["", "lead=3"]),
    "energy": st.sampled_from([0.2, 0.9]),
    "arc": st.sampled_from([0.0, 1.0]),
    "expression": st.sampled_from([0.0, 1.0, 2.0]),
    "volume": st.sampled_from([0.3, 1.0]),
}
SHARES = st.floats(0.01, 0.99)


def actions(moved):
    """Return a strategy for what happens in or after a phrase with these controls."""
    controls = st.fixed_dictionaries({}, optional=moved)
    return st.one_of(
        st.tuples(st.just("listen"), st.none()),
        st.tuples(st.just("move"), controls),
        st.tuples(st.just("cut"), SHARES),
        st.tuples(st.just("arrange"), st.tuples(SHARES, controls)),
        st.tuples(st.just("repeat"), st.integers(0, 20)),
        st.tuples(st.just("skip"), SHARES),
        st.tuples(st.just("next"), st.none()),
        st.tuples(st.just("call"), st.lists(st.integers(0, 127), min_size=1, max_size=6)),
        st.tuples(st.just("restart"), st.none()),
    )


DEEDS = actions(MOVED)
ANY_VOICE = actions({name: value for name, value in MOVED.items() if name != "style"})
"""The same for voices of any styles."""


class Listener:
    """Plays phrase after phrase with a voice, the tiny one; `heard` is what was played."""

    def __init__(self, seed, voice=TINY, **controls):
        self.heard = []
        self._voice = voice
        self._composer = Composer(voice)
        self._position = opening(seed, Controls(**({"candidates": 2} | controls)))
        self._sources = []

    def do(self, action, value):
        """Play one phrase, and do something in it or after it."""
        if action == "restart":
            self._composer = Composer(self._voice)
        if action == "move":
            self._move(value)
        if action == "next":
            self._position = self._position.next_tune()
        if action == "call":
            notes = tuple(Note(48 * (i - len(value)), 40, p) for i, p in enumerate(value))
            self._position = self._position.responding(Call(notes, 48 * len(value), 97.3))
        before = self._position
        source = self._composer.compose(before.request)
        request = dataclasses.replace(before.request, parent=source.parent)
        self._sources.append(source)
        self._position = before.after(source)
        whole = Played(source, request, 0, source.length, before.controls)
        tick = source.length
        if action in {"cut", "arrange", "skip"}:
            share = value[0] if action == "arrange" else value
            tick = min(max(round(share * source.length), 1), source.length - 1)
        head, tail = (
            dataclasses.replace(whole, finish=tick),
            dataclasses.replace(whole, begin=tick),
        )
        if action == "cut":
            self._position = before.within(source, tick, source.index + 1)
            self.heard.append(head)
        elif action == "arrange":
            self._move(value[1])
            self.heard += [head, dataclasses.replace(tail, controls=self._position.controls)]
        elif action == "skip":
            self.heard.append(tail)
        else:
            self.heard.append(whole)
        if action == "repeat":
            again = self._sources[-1 - value % len(self._sources)]
            self.heard.append(
                Played(again, None, 0, again.length, self._position.controls, repeat=True)
            )

    def _move(self, controls):
        controls = dataclasses.replace(self._position.controls, **controls)
        self._position = dataclasses.replace(self._position, controls=controls)
