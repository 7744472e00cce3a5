from types import SimpleNamespace

import pytest

from stream.compose.melody.outline_context import WIDTH
from stream.compose.melody.strategies import melody_strategy
from stream.compose.melody.strategy import MelodyStrategy
from stream.compose.melody.written_strategy import WrittenStrategy
from stream.compose.step import Step
from stream.errors import VoiceError
from tests.stream.compose.conftest import OUTLINED, TINY


def test_a_voice_whose_step_takes_outlines_composes_to_them():
    assert type(melody_strategy(Step(TINY), None)) is MelodyStrategy
    assert type(melody_strategy(Step(OUTLINED), None)) is WrittenStrategy


def test_a_context_of_another_width_is_refused():
    step = SimpleNamespace(spec=SimpleNamespace(name="mine", context=WIDTH + 1))
    with pytest.raises(
        VoiceError,
        match=f"^voice mine: its context has {WIDTH + 1} numbers, an outline {WIDTH}; export it",
    ):
        melody_strategy(step, None)
