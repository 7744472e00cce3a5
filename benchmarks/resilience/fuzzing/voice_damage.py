"""Kinds of damage to the description and the graph of a voice, which is sealed again."""

from __future__ import annotations

import random
import re

from benchmarks.resilience.fuzzing.damage import Damage, words
from benchmarks.resilience.fuzzing.parts import Part, changed, encoded, parts_of, varint
from stream.voices import protobuf
from stream.voices.onnx_fields import MODEL
from stream.voices.protobuf import BYTES, FIXED32, VARINT
from stream.voices.spec import KEY, SEAL_KEY, with_seal

NUMBERS = (0, 1, -1, 2, 7, 255, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, -(2**63), 10**6)
OPERATORS = ("Loop", "If", "Scan", "ConstantOfShape", "Expand", "Range", "FusedMatMul", "Whatever")
DOMAINS = ("com.microsoft", "ai.onnx.ml", "com.example")


def resealed(damage: Damage) -> Damage:
    """Return the same damage to a voice without its seal, which is made again."""

    def made(data: bytes, rng: random.Random) -> bytes:
        return with_seal(damage(_unsealed(data), rng))

    return made


def description(data: bytes, rng: random.Random) -> bytes:
    """Replace words of a voice's description."""
    start, value = protobuf.find_property(data, KEY)
    return with_seal(protobuf.with_property(data[:start], KEY, words(value, rng)))


def graph_fields(data: bytes, rng: random.Random) -> bytes:
    """Remove, double, renumber, replace or enlarge one to four fields of the graph."""
    content = _unsealed(data)
    for _ in range(rng.randint(1, 4)):
        content = changed(content, MODEL, rng, _any_change)
    return with_seal(content)


def graph_numbers(data: bytes, rng: random.Random) -> bytes:
    """Replace one to four numbers of the graph: dimensions, types, axes, switches."""
    content = _unsealed(data)
    for _ in range(rng.randint(1, 4)):
        content = changed(content, MODEL, rng, _number_change)
    return with_seal(content)


def graph_wires(data: bytes, rng: random.Random) -> bytes:
    """Replace names and operators of the graph by others of the same graph."""
    names = re.findall(rb"[A-Za-z]\w{2,}", data[:200_000])[:4000]

    def exchange(field: Part, rng: random.Random) -> list[Part]:
        number, wire, value = field
        return [(number, wire, rng.choice(names) if wire == BYTES and len(value) < 40 else value)]

    content = _unsealed(data)
    for _ in range(rng.randint(1, 3)):
        content = changed(content, MODEL, rng, exchange)
    return with_seal(content)


def weights(data: bytes, rng: random.Random) -> bytes:
    """Fill tensors with one byte, so that indices, sizes and divisors become absurd."""

    def fill(field: Part, rng: random.Random) -> list[Part]:
        number, wire, value = field
        if number != 9 or wire != BYTES:
            return [field]
        return [(number, wire, bytes([rng.choice((0, 1, 0x7F, 0x80, 0xFF))]) * len(value))]

    content = _unsealed(data)
    for _ in range(rng.randint(4, 24)):
        content = changed(content, MODEL, rng, fill)
    return with_seal(content)


def external(data: bytes, rng: random.Random) -> bytes:
    """Make a tensor claim that its data are in another file."""
    place = rng.choice((b"/etc/passwd", b"../x", b"weights.bin", b"/dev/zero", b""))
    entry = encoded([(1, BYTES, b"location"), (2, BYTES, place)])
    parts: list[Part] = [(13, BYTES, entry)] if rng.random() < 0.8 else []
    if rng.random() < 0.8 or not parts:
        parts.append((14, VARINT, varint(1)))
    return _with_tensor(data, rng, parts)


def custom(data: bytes, rng: random.Random) -> bytes:
    """Add a node of another operator or domain, with or without the domain's name."""
    node: list[Part] = [(1, BYTES, b"latent"), (2, BYTES, b"strange")]
    node.append((4, BYTES, rng.choice(OPERATORS).encode()))
    if rng.random() < 0.5:
        node.append((7, BYTES, rng.choice(DOMAINS).encode()))
    if rng.random() < 0.3:
        node.append(
            (5, BYTES, encoded([(1, BYTES, b"body"), (6, BYTES, b""), (20, VARINT, b"\5")]))
        )
    content = _grown(_unsealed(data), [(1, BYTES, encoded(node))])
    if rng.random() < 0.5:
        imports = [(1, BYTES, rng.choice(DOMAINS).encode()), (2, VARINT, varint(1))]
        content += encoded([(8, BYTES, encoded(imports))])
    if rng.random() < 0.2:
        content += encoded([(25, BYTES, encoded([(1, BYTES, b"strange"), (10, BYTES, b"")]))])
    return with_seal(content)


def growth(data: bytes, rng: random.Random) -> bytes:
    """Add a chain of nodes that double a tensor or multiply it by itself."""
    nodes, last = [], rng.choice((b"latent", b"noise", b"style"))
    for i in range(rng.choice((8, 24, 40))):
        made = f"grown_{i}".encode()
        kind = rng.choice((b"Concat", b"MatMul", b"Gemm", b"Add"))
        parts: list[Part] = [(1, BYTES, last), (1, BYTES, last), (2, BYTES, made), (4, BYTES, kind)]
        if kind == b"Concat":
            axis = rng.choice((0, 1))
            parts.append((5, BYTES, _attribute(b"axis", axis)))
        if kind == b"Gemm":
            parts.append((5, BYTES, _attribute(b"transA", 1)))
        nodes.append((1, BYTES, encoded(parts)))
        last = made
    return with_seal(_grown(_unsealed(data), nodes))


def _unsealed(voice: bytes) -> bytes:
    """Return a voice without its seal."""
    return voice[: protobuf.find_property(voice, SEAL_KEY)[0]]


def _attribute(name: bytes, value: int) -> bytes:
    return encoded([(1, BYTES, name), (3, VARINT, varint(value)), (20, VARINT, varint(2))])


def _any_change(field: Part, rng: random.Random) -> list[Part]:
    number, wire, value = field
    other = {
        VARINT: varint(rng.choice(NUMBERS)),
        FIXED32: rng.choice((b"\0\0\x80\x7f", b"\0\0\xc0\x7f", b"\xff\xff\x7f\x7f", bytes(4))),
    }.get(wire, rng.choice((b"", value[1:], value * 2, rng.randbytes(8), bytes(200_000))))
    changes: list[list[Part]] = [
        [], [field, field], [field] * 300, [(rng.randint(1, 30), wire, value)],
        [(number, wire, other)], [(number, wire, other)], [field, (number, wire, other)],
        [(number, VARINT, varint(rng.choice(NUMBERS)))],
    ]  # fmt: skip
    return rng.choice(changes)


def _number_change(field: Part, rng: random.Random) -> list[Part]:
    number, wire, value = field
    return [(number, wire, varint(rng.choice(NUMBERS)) if wire == VARINT else value)]


def _grown(content: bytes, more: list[Part]) -> bytes:
    """Return the model with more fields at the end of its graph."""
    parts = parts_of(content)
    at = next(i for i, part in enumerate(parts) if part[0] == 7)
    parts[at] = 7, BYTES, parts[at][2] + encoded(more)
    return encoded(parts)


def _with_tensor(data: bytes, rng: random.Random, more: list[Part]) -> bytes:
    """Return the voice with more fields in one of its tensors."""
    parts = parts_of(_unsealed(data))
    at = next(i for i, part in enumerate(parts) if part[0] == 7)
    graph = parts_of(parts[at][2])
    tensor = rng.choice([i for i, part in enumerate(graph) if part[0] == 5])
    old = [p for p in parts_of(graph[tensor][2]) if p[0] != 9 or rng.random() < 0.5]
    graph[tensor] = 5, BYTES, encoded([*old, *more])
    parts[at] = 7, BYTES, encoded(graph)
    return with_seal(encoded(parts))
