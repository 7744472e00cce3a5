"""A voice: one ONNX file whose metadata says how to play it.

The file is an ONNX model followed by one more metadata property, `perpetuum`, that holds a
`VoiceSpec` as JSON. A protobuf message may be continued by appending fields, so the file stays a
valid model, and the spec can carry the SHA-256 of every byte before it: a flipped bit in a weight
is noticed before it is played. Reading the spec needs neither numpy nor onnxruntime.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stream.errors import VoiceError

FORMAT_VERSION = 1
KEY = b"perpetuum"
METADATA_FIELD = 14
"""`ModelProto.metadata_props` in onnx.proto."""
SHIPPED = Path(__file__).parent / "voices"


@dataclass(frozen=True, slots=True)
class StyleSpec:
    """A named style: where its tunes lie in the latent space and what they look like."""

    mean: tuple[float, ...]
    """Centre of the style's latent points [Z]."""
    spread: tuple[float, ...]
    """Standard deviation along each dimension [Z]."""
    metres: Mapping[str, float]
    """Share of tunes by metre: `8x24` is a bar of 8 units of 24 ticks."""
    modes: Mapping[str, float]
    """Share of tunes by mode."""
    bounds: Mapping[str, tuple[float, float]]
    """Filter: lowest and highest value of each feature that passes."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of the step."""

    name: str
    shape: tuple[int, ...]
    """Without the leading candidate dimension."""
    dtype: str


@dataclass(frozen=True, slots=True)
class VoiceSpec:
    """Everything the runtime knows about a voice."""

    name: str
    kind: str
    """`melody`; others are reserved."""
    heads: tuple[int, ...]
    """Classes of each head; the class one past the last is the start token."""
    states: tuple[TensorSpec, ...]
    latent: int
    tags: tuple[str, ...]
    """What the columns of the step's `style` input mean, as `style:folk`, `bar:8`, `mode:minor`."""
    styles: Mapping[str, StyleSpec]
    credits: tuple[str, ...]
    """Training data, each with its licence and the notice to keep."""
    quality: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    """Commit of the code that trained it."""
    digest: str = ""
    """SHA-256 of the bytes before the spec."""
    format_version: int = FORMAT_VERSION


def append_spec(model: bytes, spec: VoiceSpec) -> bytes:
    """The voice file: a serialised ONNX model with its spec behind it."""
    document = dataclasses.asdict(
        dataclasses.replace(spec, digest=hashlib.sha256(model).hexdigest())
    )
    value = json.dumps(document, separators=(",", ":")).encode()
    entry = _field(1, KEY) + _field(2, value)
    return model + _field(METADATA_FIELD, entry)


def replace_spec(voice: bytes, spec: VoiceSpec) -> bytes:
    """The voice file with another spec; `voice` is one that `verify` lets pass."""
    start, _ = _find(voice)
    return append_spec(voice[:start], spec)


def read_spec(path: Path) -> VoiceSpec:
    """Read and verify a voice's spec. `VoiceError` names the file and what is wrong with it."""
    return verify(path, load_bytes(path))


def load_bytes(path: Path) -> bytes:
    """Bytes of a voice file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise VoiceError(f"voice {path}: can not be read: {error.strerror}") from error


def verify(path: Path, data: bytes) -> VoiceSpec:
    """The spec inside a voice's bytes; `path` is for the error message."""
    try:
        start, value = _find(data)
        document = json.loads(value)
    except ValueError as error:
        raise VoiceError(f"voice {path}: damaged, or no ONNX file: copy it again") from error
    except LookupError as error:
        raise VoiceError(
            f"voice {path}: an ONNX file but no voice; make voices with python -m export.to_voice"
        ) from error
    return _checked(path, document, hashlib.sha256(data[:start]).hexdigest())


def _checked(path: Path, document: Any, digest: str) -> VoiceSpec:
    version = document.get("format_version") if isinstance(document, dict) else None
    if version != FORMAT_VERSION:
        raise VoiceError(
            f"voice {path}: format version {version}, this program reads {FORMAT_VERSION}: "
            "export the voice again or update the program"
        )
    try:
        spec = _from_dict(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VoiceError(f"voice {path}: its description is incomplete ({error!r})") from error
    if spec.digest != digest:
        raise VoiceError(f"voice {path}: damaged (checksum differs): copy it again")
    return spec


def _from_dict(document: dict[str, Any]) -> VoiceSpec:
    fields = dict(document)
    fields["heads"] = tuple(fields["heads"])
    fields["tags"] = tuple(fields["tags"])
    fields["credits"] = tuple(fields["credits"])
    fields["states"] = tuple(
        TensorSpec(s["name"], tuple(s["shape"]), s["dtype"]) for s in fields["states"]
    )
    fields["styles"] = {name: _style(style) for name, style in fields["styles"].items()}
    return VoiceSpec(**fields)


def _style(document: dict[str, Any]) -> StyleSpec:
    fields = dict(document)
    fields["mean"], fields["spread"] = tuple(fields["mean"]), tuple(fields["spread"])
    fields["bounds"] = {k: (low, high) for k, (low, high) in fields["bounds"].items()}
    return StyleSpec(**fields)


def find_voice(name: str) -> Path:
    """Path of a shipped voice by name, or of a voice file by path."""
    path = Path(name)
    if path.suffix == ".onnx" or "/" in name:
        if not path.is_file():
            raise VoiceError(f"voice {name}: no such file; shipped voices: {_names()}")
        return path
    shipped = SHIPPED / f"{name}.onnx"
    if not shipped.is_file():
        raise VoiceError(f"voice {name!r}: unknown; shipped voices: {_names()}, or give a path")
    return shipped


def shipped_voices() -> tuple[Path, ...]:
    """The voices that came with the program."""
    return tuple(sorted(SHIPPED.glob("*.onnx")))


def _names() -> str:
    return ", ".join(p.stem for p in shipped_voices()) or "none"


def _find(data: bytes) -> tuple[int, bytes]:
    """Start of our metadata property and its value."""
    for number, start, value in _fields(data):
        if number == METADATA_FIELD:
            entry = {n: v for n, _, v in _fields(value)}
            if entry.get(1) == KEY:
                return start, entry[2]
    raise LookupError("no property named perpetuum")


def _fields(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, offset and value of each field of a protobuf message; `ValueError` if malformed."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _varint(data, at)
        size, at = _size(data, at, tag & 7)
        if at + size > len(data):
            raise ValueError(f"field at byte {start} runs past the end")
        yield tag >> 3, start, data[at : at + size]
        at += size


def _size(data: bytes, at: int, wire_type: int) -> tuple[int, int]:
    """Bytes of a field's value and where they start."""
    if wire_type == 2:
        return _varint(data, at)
    if wire_type == 0:
        return _varint(data, at)[1] - at, at
    if wire_type in (1, 5):
        return (8 if wire_type == 1 else 4), at
    raise ValueError(f"wire type {wire_type} at byte {at}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("truncated number")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise ValueError("number too long")


def _field(number: int, value: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _number(number << 3 | 2) + _number(len(value)) + value


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
