"""Files of the page, kept in memory, because they are small and a disk may be slow."""

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
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
BINARY = frozenset({".png"})
"""Suffixes of files that are not text."""
PAIRING = frozenset(
    (
        *("/pair", "/pair.js", "/theme.js", "/style.css", "/controls.css"),
        *("/icon.svg", "/icon-192.png", "/icon-512.png", "/icon-maskable.png"),
        "/manifest.webmanifest",  # browsers fetch it without cookies
    )
)
"""Paths that are served before pairing."""


@dataclass(frozen=True, slots=True)
class File:
    """File as it is served."""

    body: bytes
    type: str
    etag: str

    @property
    def charset(self) -> str | None:
        """Character set of a text; None for a picture."""
        return None if self.type.startswith("image/png") else "utf-8"


def load(folder: Path = STATIC) -> dict[str, File]:
    """Return every file by its path in a URL; pages have paths without suffix."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in TYPES:
            body = path.read_bytes()
            if path.suffix not in BINARY:
                body = with_sliders(body.decode("utf-8")).encode()
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            found[f"/{path.name}"] = File(body, TYPES[path.suffix], etag)
    found["/"], found["/pair"] = found.pop("/index.html"), found.pop("/pair.html")
    return found
