import os

import pytest

from stream.midi.quiet_stderr import quiet_stderr


def test_c_libraries_are_not_heard(capfd):
    with quiet_stderr():
        os.write(2, b"ALSA lib: no card\n")
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_it_ends_with_an_exception(capfd):
    with pytest.raises(ZeroDivisionError), quiet_stderr():
        raise ZeroDivisionError
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"
