"""A name for a browser, from what it says about itself."""

from __future__ import annotations

DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
BROWSERS = (
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
"""Marks in the header `User-Agent` and what they stand for, the first that occurs."""
LONGEST = 24


def device_name(user_agent: str) -> str:
    """Return a name such as `iPhone Safari`; for an unknown program, its first word."""
    found = [
        next((name for mark, name in table if mark in user_agent), "")
        for table in (DEVICES, BROWSERS)
    ]
    name = " ".join(filter(None, found))
    if not name:
        first = user_agent.partition(" ")[0].partition("/")[0]
        name = "".join(letter for letter in first if letter.isprintable())[:LONGEST]
    return name or "browser"
