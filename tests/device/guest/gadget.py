"""USB devices on the machine's dummy bus, made by configfs, to be plugged in and unplugged."""

import subprocess
from pathlib import Path

CONFIGFS = Path("/sys/kernel/config")
BUSES = 2
"""Number of buses; each takes one device."""


class Gadget:
    """A device with one function, such as `midi.usb0`, which starts unplugged."""

    def __init__(self, function, product, bus=0, **attributes):
        self.prepare()
        self._bus = f"dummy_udc.{bus}"
        self._folder = CONFIGFS / "usb_gadget" / function
        if not self._folder.is_dir():
            self._make(function, product, attributes)

    @staticmethod
    def prepare():
        """Load the kernel modules of virtual USB devices and buses."""
        subprocess.run(["modprobe", "-a", "snd-seq", "libcomposite"], check=True)
        subprocess.run(["modprobe", "dummy_hcd", f"num={BUSES}"], check=True)
        if not (CONFIGFS / "usb_gadget").is_dir():
            subprocess.run(["mount", "-t", "configfs", "none", CONFIGFS], check=True)

    def _make(self, function, product, attributes):
        folder = self._folder
        folder.mkdir()
        # The numbers of the Linux Foundation's multifunction composite gadget.
        _put(folder / "idVendor", "0x1d6b")
        _put(folder / "idProduct", "0x0104")
        strings = folder / "strings" / "0x409"
        strings.mkdir()
        _put(strings / "manufacturer", "Perpetuum")
        _put(strings / "product", product)
        _put(strings / "serialnumber", "1")
        (folder / "functions" / function).mkdir()
        for name, value in attributes.items():
            (folder / "functions" / function / name).write_text(value, encoding="ascii")
        (folder / "configs" / "c.1").mkdir()
        (folder / "configs" / "c.1" / function).symlink_to(folder / "functions" / function)

    def plug(self):
        _put(self._folder / "UDC", self._bus)

    def unplug(self):
        _put(self._folder / "UDC", "")


def _put(path, value):
    path.write_text(f"{value}\n", encoding="ascii")
