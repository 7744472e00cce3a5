"""A real Chromium; tests that need one are skipped without it."""

import contextlib
import ctypes
import shutil

import pytest

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-component-update", "--disable-background-networking", "--disable-sync",
    "--autoplay-policy=user-gesture-required",
]  # fmt: skip


@contextlib.contextmanager
def chromium():
    """A browser without a window."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium: 'apt install chromium' to try the panel in a browser")
    sync_api = pytest.importorskip("playwright.sync_api", reason="'pip install playwright'")
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        pytest.skip("playwright can not start: 'apt install libatomic1'")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
