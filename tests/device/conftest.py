"""Only where the machine allows it: these tests make roots, boot systems and mount things."""

import os

import pytest


def pytest_configure(config):
    if os.geteuid() != 0:
        pytest.exit("tests/device needs root: sudo make test-device", returncode=2)
