"""Random nodes of every operator in a voice: refused, or run; never the end of the process."""

import pathlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.resilience.fuzz import Child
from benchmarks.resilience.fuzzing.operator_graphs import operators
from stream.errors import VoiceError
from stream.voices.graph_check import check_graph
from stream.voices.operators import OPERATORS
from stream.voices.protobuf import fields

TINY = pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx"


@pytest.fixture(scope="module")
def child(tmp_path_factory):
    child = Child(tmp_path_factory.mktemp("child"))
    yield child
    assert child.strays() == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**40))
def test_no_graph_that_is_taken_ends_the_process(child, number):
    outcome = child.outcome(f"voice\trandom operators\t{number}")
    assert outcome in {"refused", "accepted"}, child.last_words()


def refused(data):
    try:
        check_graph(TINY, data)
    except VoiceError:
        return True
    return False


def operators_in(data):
    """Of the random nodes alone."""
    (graph,) = [field.value for field in fields(memoryview(data)) if field.number == 7]
    nodes = [bytes(field.value) for field in fields(graph) if field.number == 1]
    found = [{part.number: bytes(part.value) for part in fields(memoryview(n))} for n in nodes]
    return {parts[4].decode() for parts in found if parts[2].startswith(b"random_")}


def test_random_graphs_are_of_every_operator_and_mostly_taken():
    host = TINY.read_bytes()
    graphs = [operators(host, random.Random(number)) for number in range(150)]
    assert set.union(*map(operators_in, graphs)) == OPERATORS.keys()
    assert sum(not refused(data) for data in graphs[:40]) > 20
