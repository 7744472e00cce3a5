"""Damage: bytes of a good file in, bytes of a bad one out, by the kind of damage.

Everything is drawn from the generator that is given, so that a file can be made again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

from stream import protobuf
from stream.graph import MODEL, Schema
from stream.protobuf import BYTES, FIXED32, VARINT
from stream.voice import KEY, SEAL_KEY, sealed

Damage = Callable[[bytes, random.Random], bytes]

INTEGERS = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
LENGTHS = (
    *(n.to_bytes(4, "big") for n in INTEGERS), *(n.to_bytes(4, "little") for n in INTEGERS),
    b"\x00", b"\x7f", b"\x80", b"\xff", b"\xff\xff\xff\x7f", b"\x80" * 9 + b"\x01", b"\xff" * 12,
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 7, 255, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, -(2**63), 10**6)
WORDS = (
    b"0", b"-1", b"1e999", b"nan", b"NaN", b"Infinity", b"-0.0", b"9" * 400, b"9" * 5000, b"null",
    b"true", b"[]", b"{}", b'""', b"[" * 5000, b"0x" + b"f" * 5000, b'"\\u0000"', b'"\\ud800"',
    b"1e-400", b"[[[]]]", b"4294967296",
)  # fmt: skip
OPERATORS = ("Loop", "If", "Scan", "ConstantOfShape", "Expand", "Range", "FusedMatMul", "Whatever")
DOMAINS = ("com.microsoft", "ai.onnx.ml", "com.example")


def flips(data: bytes, rng: random.Random) -> bytes:
    """One to eight bits turned over."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def bytes_changed(data: bytes, rng: random.Random) -> bytes:
    """One to sixteen bytes put in place of others."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 16)):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def truncated(data: bytes, rng: random.Random) -> bytes:
    """The first part alone, or the last."""
    at = rng.randrange(len(data))
    return data[:at] if rng.random() < 0.8 else data[at:]


def spliced(data: bytes, rng: random.Random) -> bytes:
    """A piece of it left out, doubled, or put elsewhere, some of them many times."""
    a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    b = min(b, a + rng.choice((1, 8, 64, 4096)))
    at = rng.randrange(len(data) + 1)
    piece = data[a:b] * rng.choice((0, 1, 1, 2, 50))
    return data[:at] + piece + data[at:] if rng.random() < 0.6 else data[:a] + piece + data[b:]


def lengths(data: bytes, rng: random.Random) -> bytes:
    """Numbers such as lengths are, written over what is there."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        number, at = rng.choice(LENGTHS), rng.randrange(len(out))
        out[at : at + len(number)] = number
    return bytes(out)


def words(data: bytes, rng: random.Random) -> bytes:
    """Numbers and texts of a text replaced by others."""
    places = list(re.finditer(rb"-?\d+(\.\d+)?|\"[^\"\n]*\"|[A-Za-z]+", data))
    for place in sorted(rng.sample(places, min(rng.randint(1, 3), len(places))), key=_start):
        data = data[: place.start()] + rng.choice(WORDS) + data[place.end() :]
    return data


def _start(place: re.Match[bytes]) -> int:
    return -place.start()


def resealed(damage: Damage) -> Damage:
    """The same damage to all of a voice but its seal, which is made to hold again."""

    def made(data: bytes, rng: random.Random) -> bytes:
        return sealed(damage(_open(data), rng))

    return made


def description(data: bytes, rng: random.Random) -> bytes:
    """Words of a voice's description replaced, under a seal that holds."""
    start, value = protobuf.find_property(data, KEY)
    return sealed(protobuf.with_property(data[:start], KEY, words(value, rng)))


def graph_fields(data: bytes, rng: random.Random) -> bytes:
    """One to four fields of the graph left out, doubled, renumbered, replaced or made huge."""
    content = _open(data)
    for _ in range(rng.randint(1, 4)):
        content = _changed(content, MODEL, rng, _any_change)
    return sealed(content)


def graph_numbers(data: bytes, rng: random.Random) -> bytes:
    """One to four numbers of the graph replaced: dimensions, types, axes, switches."""
    content = _open(data)
    for _ in range(rng.randint(1, 4)):
        content = _changed(content, MODEL, rng, _number_change)
    return sealed(content)


def graph_wires(data: bytes, rng: random.Random) -> bytes:
    """Names and operators of the graph exchanged for others that it holds."""
    names = re.findall(rb"[A-Za-z]\w{2,}", data[:200_000])[:4000]

    def exchange(field: Part, rng: random.Random) -> list[Part]:
        number, wire, value = field
        return [(number, wire, rng.choice(names) if wire == BYTES and len(value) < 40 else value)]

    content = _open(data)
    for _ in range(rng.randint(1, 3)):
        content = _changed(content, MODEL, rng, exchange)
    return sealed(content)


def weights(data: bytes, rng: random.Random) -> bytes:
    """A tensor filled with one byte, so that indices, sizes and divisors become absurd."""

    def fill(field: Part, rng: random.Random) -> list[Part]:
        number, wire, value = field
        if number != 9 or wire != BYTES:
            return [field]
        return [(number, wire, bytes([rng.choice((0, 1, 0x7F, 0x80, 0xFF))]) * len(value))]

    content = _open(data)
    for _ in range(rng.randint(4, 24)):
        content = _changed(content, MODEL, rng, fill)
    return sealed(content)


def external(data: bytes, rng: random.Random) -> bytes:
    """A tensor whose data are said to be in another file."""
    place = rng.choice((b"/etc/passwd", b"../x", b"weights.bin", b"/dev/zero", b""))
    entry = _encoded([(1, BYTES, b"location"), (2, BYTES, place)])
    parts: list[Part] = [(13, BYTES, entry)] if rng.random() < 0.8 else []
    if rng.random() < 0.8 or not parts:
        parts.append((14, VARINT, _varint(1)))
    return _with_tensor(data, rng, parts)


def custom(data: bytes, rng: random.Random) -> bytes:
    """A node of another operator or domain, with or without its domain named."""
    node: list[Part] = [(1, BYTES, b"latent"), (2, BYTES, b"strange")]
    node.append((4, BYTES, rng.choice(OPERATORS).encode()))
    if rng.random() < 0.5:
        node.append((7, BYTES, rng.choice(DOMAINS).encode()))
    if rng.random() < 0.3:
        node.append(
            (5, BYTES, _encoded([(1, BYTES, b"body"), (6, BYTES, b""), (20, VARINT, b"\5")]))
        )
    content = _grown(_open(data), [(1, BYTES, _encoded(node))])
    if rng.random() < 0.5:
        imports = [(1, BYTES, rng.choice(DOMAINS).encode()), (2, VARINT, _varint(1))]
        content += _encoded([(8, BYTES, _encoded(imports))])
    if rng.random() < 0.2:
        content += _encoded([(25, BYTES, _encoded([(1, BYTES, b"strange"), (10, BYTES, b"")]))])
    return sealed(content)


def growth(data: bytes, rng: random.Random) -> bytes:
    """Nodes that double a tensor again and again, or multiply it with itself, end to end."""
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
        nodes.append((1, BYTES, _encoded(parts)))
        last = made
    return sealed(_grown(_open(data), nodes))


Part = tuple[int, int, bytes]
"""Number, wire type and value of a field."""


def _open(voice: bytes) -> bytes:
    """All of a voice but its seal."""
    return voice[: protobuf.find_property(voice, SEAL_KEY)[0]]


def _parts(data: bytes) -> list[Part]:
    return [(f.number, f.wire, bytes(f.value)) for f in protobuf.fields(memoryview(data))]


def _encoded(parts: list[Part]) -> bytes:
    out = bytearray()
    for number, wire, value in parts:
        out += _varint(number << 3 | wire)
        out += (_varint(len(value)) if wire == BYTES else b"") + value
    return bytes(out)


def _varint(value: int) -> bytes:
    value %= 2**64
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _attribute(name: bytes, value: int) -> bytes:
    return _encoded([(1, BYTES, name), (3, VARINT, _varint(value)), (20, VARINT, _varint(2))])


def _changed(
    data: bytes,
    schema: Schema,
    rng: random.Random,
    change: Callable[[Part, random.Random], list[Part]],
) -> bytes:
    """The message with a field changed somewhere within its graph."""
    parts = _parts(data)
    if not parts:
        return data
    graphs = [i for i, part in enumerate(parts) if schema is MODEL and part[0] == 7]
    at = rng.choice(graphs) if graphs and rng.random() < 0.95 else rng.randrange(len(parts))
    number, wire, value = parts[at]
    inner = getattr(schema[number].made, "keywords", {}).get("schema") if number in schema else None
    if inner is not None and value and (schema is MODEL or rng.random() < 0.9):
        try:
            parts[at] = number, wire, _changed(value, inner, rng, change)
        except ValueError:  # an earlier change has made it no message
            return data
    else:
        parts[at : at + 1] = change(parts[at], rng)
    return _encoded(parts)


def _any_change(field: Part, rng: random.Random) -> list[Part]:
    number, wire, value = field
    other = {
        VARINT: _varint(rng.choice(NUMBERS)),
        FIXED32: rng.choice((b"\0\0\x80\x7f", b"\0\0\xc0\x7f", b"\xff\xff\x7f\x7f", bytes(4))),
    }.get(wire, rng.choice((b"", value[1:], value * 2, rng.randbytes(8), bytes(200_000))))
    changes: list[list[Part]] = [
        [], [field, field], [field] * 300, [(rng.randint(1, 30), wire, value)],
        [(number, wire, other)], [(number, wire, other)], [field, (number, wire, other)],
        [(number, VARINT, _varint(rng.choice(NUMBERS)))],
    ]  # fmt: skip
    return rng.choice(changes)


def _number_change(field: Part, rng: random.Random) -> list[Part]:
    number, wire, value = field
    return [(number, wire, _varint(rng.choice(NUMBERS)) if wire == VARINT else value)]


def _grown(content: bytes, more: list[Part]) -> bytes:
    """The model with more fields at the end of its graph."""
    parts = _parts(content)
    at = next(i for i, part in enumerate(parts) if part[0] == 7)
    parts[at] = 7, BYTES, parts[at][2] + _encoded(more)
    return _encoded(parts)


def _with_tensor(data: bytes, rng: random.Random, more: list[Part]) -> bytes:
    """The voice with more fields in one of its tensors."""
    parts = _parts(_open(data))
    at = next(i for i, part in enumerate(parts) if part[0] == 7)
    graph = _parts(parts[at][2])
    tensor = rng.choice([i for i, part in enumerate(graph) if part[0] == 5])
    kept = [p for p in _parts(graph[tensor][2]) if p[0] != 9 or rng.random() < 0.5]
    graph[tensor] = 5, BYTES, _encoded([*kept, *more])
    parts[at] = 7, BYTES, _encoded(graph)
    return sealed(_encoded(parts))


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
}
"""The kinds of damage by name."""
