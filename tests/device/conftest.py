"""Tests on emulated devices: they make root file systems, boot them, and need root themselves."""

import os

import pytest


def pytest_configure(config):
    if os.geteuid() != 0:
        pytest.exit("tests/device needs root: sudo make test-device", returncode=2)
