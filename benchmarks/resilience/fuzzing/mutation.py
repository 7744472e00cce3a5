"""Kinds of damage by name: to any file, to texts, to voices."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.resilience.fuzzing.damage import (
    Damage,
    bytes_changed,
    flips,
    lengths,
    spliced,
    truncated,
    words,
)
from benchmarks.resilience.fuzzing.operator_graphs import operators
from benchmarks.resilience.fuzzing.voice_damage import (
    custom,
    description,
    external,
    graph_fields,
    graph_numbers,
    graph_wires,
    growth,
    resealed,
    weights,
)

PLAIN: Mapping[str, Damage] = {
    "bit flips": flips,
    "bytes changed": bytes_changed,
    "truncation": truncated,
    "splices": spliced,
    "length fields": lengths,
}
TEXT: Mapping[str, Damage] = {**PLAIN, "words": words}
VOICE: Mapping[str, Damage] = {
    **PLAIN,
    **{f"{name}, sealed again": resealed(damage) for name, damage in PLAIN.items()},
    "description": description,
    "fields of the graph": graph_fields,
    "numbers of the graph": graph_numbers,
    "names of the graph": graph_wires,
    "contents of tensors": weights,
    "external data": external,
    "custom operators": custom,
    "growing tensors": growth,
    "random operators": operators,
}
