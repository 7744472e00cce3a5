import pytest

from stream.doctor.wireless import wireless_midi


@pytest.fixture
def machine(tmp_path):
    """Makes a machine with these programs and adapters; returns what is found on it."""

    def check(*names, adapters=()):
        programs = tmp_path / "bin"
        programs.mkdir()
        for name in names:
            (programs / name).touch(mode=0o755)
        for name in adapters:
            (tmp_path / "bluetooth" / name).mkdir(parents=True)
        return wireless_midi(str(programs), tmp_path / "bluetooth")

    return check


def test_what_is_missing_is_told_with_the_step_that_helps(machine):
    network, bluetooth = machine()
    assert not network.ok
    assert network.remedy.startswith("install the package from https://github.com/davidmoreno/")
    assert (bluetooth.ok, bluetooth.remedy) == (False, "sudo apt-get install bluez")


def test_daemons_are_found(machine):
    network, bluetooth = machine("rtpmidid", "bluetoothctl", adapters=["hci0", "hci0:11"])
    assert network.ok
    assert network.detail.endswith("/rtpmidid")
    assert (bluetooth.ok, bluetooth.detail) == (True, "BlueZ, hci0")


def test_bluetooth_needs_an_adapter(machine):
    _, bluetooth = machine("bluetoothctl")
    assert (bluetooth.ok, bluetooth.detail) == (False, "no adapter found")
    assert "rfkill unblock bluetooth" in bluetooth.remedy
