"""The page's files, kept in memory: they are small, and a disk may be slow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from stream.panel.sliders import with_sliders

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
PAIRING = frozenset({"/pair", "/pair.js", "/style.css", "/icon.svg"})
"""What may be seen before the code was typed."""


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is served."""

    body: bytes
    type: str
    etag: str


def load(folder: Path = STATIC) -> dict[str, File]:
    """Every file by its path in a URL; a page is found without its ending too."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in TYPES:
            body = with_sliders(path.read_text(encoding="utf-8")).encode()
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            found[f"/{path.name}"] = File(body, TYPES[path.suffix], etag)
    found["/"], found["/pair"] = found.pop("/index.html"), found.pop("/pair.html")
    return found
