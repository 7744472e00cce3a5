"""Draw docs/panel-phone.png and docs/panel-desktop.png: the web panel as a browser shows it.

The script runs the real program, opens its panel in Chromium, lets it play for a while, and takes a
screenshot at the width of a phone and of a desktop.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

SIZES = {"phone": (390, 844), "desktop": (1280, 800)}
"""Width and height of the window in CSS pixels."""
THEMES: dict[str, Literal["dark", "light"]] = {"phone": "light", "desktop": "dark"}
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
DAY = "".join(
    f'[[day]]\nat = "{at}"\nname = "{name}"\nstyle = "{style}"\nenergy = [{low}, {high}]\n'
    for at, name, style, low, high in (
        ("00:00", "Night", "hymn", 0.1, 0.3),
        ("06:30", "Morning", "folk", 0.3, 0.6),
        ("09:00", "Work", "jazz:0.6,bach:0.4", 0.4, 0.7),
        ("17:30", "Evening", "song", 0.3, 0.6),
        ("22:00", "Late", "hymn,folk", 0.1, 0.3),
    )
)
"""Entries of a day, as a configuration holds them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seconds", type=float, default=40.0, help="seconds of music before the screenshots"
    )
    parser.add_argument(
        "--to", type=Path, default=Path(__file__).parent, help="folder of the pictures"
    )
    arguments = parser.parse_args()
    with playing() as url, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        pages = {name: opened(browser, url, name) for name in SIZES}
        pages["desktop"].wait_for_timeout(1000 * arguments.seconds)
        for name, page in pages.items():
            path = arguments.to / f"panel-{name}.png"
            save(page.screenshot(), path)
            print(path)
        browser.close()


@contextmanager
def playing() -> Iterator[str]:
    """Run the program, and yield the panel's address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    command = [
        *(sys.executable, "-m", "stream", "play", "--panel", address, "--seed", "7"),
        *("--out", "null", "--config", "day.toml"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = str(Path(__file__).parents[1])
        (Path(folder) / "day.toml").write_text(DAY)
        environment = os.environ | {"PYTHONPATH": root, "XDG_DATA_HOME": folder}
        with subprocess.Popen(  # noqa: S603
            command, env=environment, cwd=folder, stdout=subprocess.DEVNULL
        ) as player:
            try:
                yield f"http://{address}"
            finally:
                player.send_signal(signal.SIGINT)


def opened(browser: Browser, url: str, name: str) -> Page:
    """Open the panel, as soon as it answers."""
    width, height = SIZES[name]
    viewport: ViewportSize = {"width": width, "height": height}
    page = browser.new_page(viewport=viewport, color_scheme=THEMES[name])
    for _ in range(100):
        page.wait_for_timeout(100)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0:
                break
    page.goto(url)
    page.get_by_text("connected", exact=True).wait_for()
    return page


def save(picture: bytes, path: Path) -> None:
    """Write a PNG of minimal size."""
    Image.open(io.BytesIO(picture)).convert("RGB").save(path, optimize=True)


if __name__ == "__main__":
    main()
