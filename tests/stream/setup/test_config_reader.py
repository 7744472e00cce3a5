"""`config.txt` as Raspberry Pi's documentation says that it is read."""

import pytest

from stream.errors import SettingsError
from stream.setup.config_reader import Kind, read
from stream.setup.config_request import holds
from stream.setup.filters import Board, Filters, Reading
from stream.setup.recipe import boards

NEVER, MAYBE, SURELY = Reading.NEVER, Reading.MAYBE, Reading.SURELY


def board(name):
    known = boards()[name]
    return Board(tuple(known["filters"]), tuple(known.get("maybe", ())))


@pytest.mark.parametrize(
    ("headers", "zero2w", "pi3", "pi3a", "pi4", "pi5"),
    [
        ("", SURELY, SURELY, SURELY, SURELY, SURELY),
        ("[all]", SURELY, SURELY, SURELY, SURELY, SURELY),
        ("[none]", NEVER, NEVER, NEVER, NEVER, NEVER),
        ("[none] [pi4]", NEVER, NEVER, NEVER, NEVER, NEVER),
        ("[none] [all]", SURELY, SURELY, SURELY, SURELY, SURELY),
        ("[pi0]", SURELY, NEVER, NEVER, NEVER, NEVER),
        ("[pi0w]", SURELY, NEVER, NEVER, NEVER, NEVER),
        ("[pi02]", SURELY, NEVER, NEVER, NEVER, NEVER),
        ("[pi1]", NEVER, NEVER, NEVER, NEVER, NEVER),
        ("[pi3]", NEVER, SURELY, SURELY, NEVER, NEVER),
        ("[pi3+]", NEVER, MAYBE, SURELY, NEVER, NEVER),
        ("[pi4]", NEVER, NEVER, NEVER, SURELY, NEVER),
        ("[pi400]", NEVER, NEVER, NEVER, NEVER, NEVER),
        ("[cm4s]", NEVER, NEVER, NEVER, NEVER, NEVER),
        ("[cm3+]", NEVER, NEVER, NEVER, NEVER, NEVER),
        ("[pi5]", NEVER, NEVER, NEVER, NEVER, SURELY),
        ("[pi500]", NEVER, NEVER, NEVER, NEVER, NEVER),
        ("[board-type=0x08]", NEVER, MAYBE, NEVER, NEVER, NEVER),
        ("[board-type=0xd]", NEVER, MAYBE, NEVER, NEVER, NEVER),
        ("[board-type=0x0e]", NEVER, NEVER, SURELY, NEVER, NEVER),
        ("[board-type=0x11]", NEVER, NEVER, NEVER, SURELY, NEVER),
        ("[board-type=17]", NEVER, NEVER, NEVER, SURELY, NEVER),
        ("[board-type=0x12]", SURELY, NEVER, NEVER, NEVER, NEVER),
        ("[board-type=0x17]", NEVER, NEVER, NEVER, NEVER, SURELY),
        ("[board-type=0x14]", NEVER, NEVER, NEVER, NEVER, NEVER),
        ("[board-type=four]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[gpio4=1]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[EDID=VSC-TD2220]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[0x12345678]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[HDMI:1]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[tryboot]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[partition=2]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[boot_arg1&0x2=2]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        # Filters of a kind replace each other, and those of several kinds add up.
        ("[pi5] [pi4]", NEVER, NEVER, NEVER, SURELY, NEVER),
        ("[pi5] [board-type=0x11]", NEVER, NEVER, NEVER, SURELY, NEVER),
        ("[gpio4=1] [pi4]", NEVER, NEVER, NEVER, MAYBE, NEVER),
        ("[pi4] [gpio4=1] [all]", SURELY, SURELY, SURELY, SURELY, SURELY),
        # No filter of the documentation: it may count, and what it does to others is not known.
        ("[pi5] [ALL]", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[pi4] # mine", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[pi4", MAYBE, MAYBE, MAYBE, MAYBE, MAYBE),
        ("[pi4] # mine|[all]", SURELY, SURELY, SURELY, SURELY, SURELY),
    ],
)  # fmt: skip
def test_who_reads_what_is_below_a_filter(headers, zero2w, pi3, pi3a, pi4, pi5):
    lines = headers.split("|") if "#" in headers else headers.split()
    wanted = {"zero2w": zero2w, "pi3": pi3, "pi3a": pi3a, "pi4": pi4, "pi5": pi5}
    found = {}
    for name in wanted:
        filters = Filters(board(name))
        for line in lines:
            filters.enter(line)
        found[name] = filters.reading
    assert found == wanted


def said(text, name="pi4", **files):
    """Kind, name, value, the overlays that a parameter may go to, and how surely it is read."""
    there = {f"/boot/{each}.txt": content for each, content in {"config": text, **files}.items()}
    config = read(there, "/boot/config.txt", board(name))
    names = {statement.index: statement.name for statement in config.statements}
    return [
        (statement.kind.name.lower(), statement.name, statement.value,
         sorted(names.get(scope, "board") for scope in statement.scopes)
         if statement.kind is Kind.PARAMETER else [], statement.line.reading)
        for statement in config.statements
    ]  # fmt: skip


def setting(name, value, reading=SURELY):
    return "setting", name, value, [], reading


def overlay(name, reading=SURELY):
    return "overlay", name, "", [], reading


def parameter(name, value, *scopes, reading=SURELY):
    return "parameter", name, value, sorted(scopes), reading


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("enable_uart=1", [setting("enable_uart", "1")]),
        ("# enable_uart=1\n  # more\n\n \t\n", []),
        (" \tenable_uart=1 \r\n", [setting("enable_uart", "1")]),
        ("ENABLE_UART=1", [setting("enable_uart", "1", MAYBE)]),
        ("enable_uart = 1", [setting("enable_uart", "1", MAYBE)]),
        ("initramfs a.img followkernel", [setting("initramfs", "a.img followkernel", MAYBE)]),
        (f"os_prefix={'x' * 200}", [setting("os_prefix", "x" * 88)]),
        (f"dtoverlay=vc4-kms-v3d,{'cma-512,' * 9}a=1,noaudio",
         [overlay("vc4-kms-v3d"), *[parameter("cma-512", "", "vc4-kms-v3d")] * 9,
          parameter("a", "1", "vc4-kms-v3d")]),
        ("dtparam=audio=on", [parameter("audio", "on", "board")]),
        ("dtparam=audio=on,i2c_arm=on,spi",
         [parameter("audio", "on", "board"), parameter("i2c_arm", "on", "board"),
          parameter("spi", "", "board")]),
        ("dtoverlay=lirc,gpio_out_pin=16,gpio_in_pin=17",
         [overlay("lirc"), parameter("gpio_out_pin", "16", "lirc"),
          parameter("gpio_in_pin", "17", "lirc")]),
        ("dtoverlay=lirc:gpio_out_pin=16,gpio_in_pin=17",
         [overlay("lirc"), parameter("gpio_out_pin", "16", "lirc"),
          parameter("gpio_in_pin", "17", "lirc")]),
        ("dtoverlay=lirc\ndtparam=gpio_out_pin=16",
         [overlay("lirc"), parameter("gpio_out_pin", "16", "lirc")]),
        ("device_tree_overlay=overlays/lirc-overlay.dtb\ndevice_tree_param=a=1",
         [overlay("lirc"), parameter("a", "1", "lirc")]),
        ("dtoverlay=a\ndtoverlay=b\ndtparam=c=1",
         [overlay("a"), overlay("b"), parameter("c", "1", "b")]),
        ("dtoverlay=a\ndtoverlay=\ndtparam=audio=on",
         [overlay("a"), parameter("audio", "on", "board")]),
        ("dtoverlay=a\n[pi5]\ndtoverlay=b\n[all]\ndtparam=c=1",
         [overlay("a"), parameter("c", "1", "a")]),
        ("dtoverlay=a\n[gpio4=1]\ndtoverlay=b\n[all]\ndtparam=c=1",
         [overlay("a"), overlay("b", MAYBE), parameter("c", "1", "a", "b")]),
        ("[gpio4=1]\ndtoverlay=b\ndtoverlay=\n[all]\ndtparam=c=1",
         [overlay("b", MAYBE), parameter("c", "1", "b", "board")]),
        ("[pi5]\nenable_uart=1\n[pi4]\nenable_uart=0", [setting("enable_uart", "0")]),
        ("dtparam=\n=1\ndtoverlay", []),
        # The documentation has no remarks behind a line: what becomes of one is not known.
        ("enable_uart=0 # off", [setting("enable_uart", "0", MAYBE)]),
        ("dtoverlay=a,noaudio\t# mute",
         [overlay("a", MAYBE), parameter("noaudio", "", "a", reading=MAYBE)]),
        ("cmdline=a#b.txt", [setting("cmdline", "a#b.txt")]),
    ],
)  # fmt: skip
def test_what_lines_say(text, wanted):
    assert said(text) == wanted


@pytest.mark.parametrize(
    ("text", "more", "wanted"),
    [
        ("include more.txt\ndtparam=a=1", "dtoverlay=b", [overlay("b"), parameter("a", "1", "b")]),
        ("include missing.txt\na=1", "", [setting("a", "1")]),
        ("include \t more.txt", "b=1", [setting("b", "1")]),
        ("include=more.txt\na=1", "b=1", [setting("b", "1", MAYBE), setting("a", "1")]),
        ("INCLUDE more.txt\na=1", "b=1", [setting("b", "1", MAYBE), setting("a", "1")]),
        ("include more.txt # mine", "b=1", [setting("b", "1", MAYBE)]),
        ("include more.txt\na=1", "[pi5]\nb=1", []),
        ("[pi5]\ninclude more.txt\na=1", "[all]\nb=1", []),
        ("[gpio4=1]\ninclude more.txt\n[all]\na=1", "b=1\n[all]\nc=1",
         [setting("b", "1", MAYBE), setting("c", "1", MAYBE), setting("a", "1")]),
        ("[gpio4=1]\ninclude more.txt\na=1", "[all]\n[pi4]", [setting("a", "1", MAYBE)]),
        ("include more.txt\na=1", "b=1\ninclude config.txt\ninclude more.txt\ninclude third.txt",
         [setting("b", "1"), setting("c", "1"), setting("a", "1")]),
    ],
)  # fmt: skip
def test_included_files_are_read_where_they_are_included(text, more, wanted):
    assert said(text, more=more, third="c=1") == wanted


@pytest.mark.parametrize("name", ["../etc/shadow", "a/../../b", "", "\xe4.txt", ".", "a\x07b"])
def test_names_that_lead_out_of_the_boot_partition_are_one_line(name):
    with pytest.raises(SettingsError, match="not a file of the boot partition"):
        said(f"include {name or '.'}")


def test_files_that_include_each_other_without_end_are_one_line():
    files = {f"f{n}": f"include f{n + 1}.txt\n" * 10 for n in range(9)}
    with pytest.raises(SettingsError, match="is too long"):
        said("include f0.txt", **files)


@pytest.mark.parametrize(
    ("text", "line", "wanted"),
    [
        ("enable_uart=0\nenable_uart=1", "enable_uart=1", True),
        ("enable_uart=1\nenable_uart=0", "enable_uart=1", False),
        ("enable_uart=1\n[gpio4=1]\nenable_uart=0", "enable_uart=1", False),
        ("[gpio4=1]\nenable_uart=1", "enable_uart=1", False),
        ("dtparam=i2c=on,audio=on", "dtparam=audio=on", True),
        ("dtparam=audio", "dtparam=audio=on", True),
        ("dtparam=audio=on\ndtparam=audio=off,spi=on", "dtparam=audio=on", False),
        ("dtoverlay=a\ndtparam=audio=on", "dtparam=audio=on", False),
        ("dtparam=audio=on\ndtoverlay=a\ndtparam=audio=off", "dtparam=audio=on", False),
        ("dtparam=audio=on\ndtoverlay=a,audio=off", "dtparam=audio=on", True),
        ("dtoverlay=dwc2,dr_mode=peripheral", "dtoverlay=dwc2,dr_mode=peripheral", True),
        ("dtoverlay=dwc2\ndtparam=dr_mode=peripheral", "dtoverlay=dwc2,dr_mode=peripheral", True),
        ("dtoverlay=dwc2,dr_mode=peripheral\ndtparam=dr_mode=host",
         "dtoverlay=dwc2,dr_mode=peripheral", False),
        ("dtoverlay=dwc2\ndtoverlay=b\ndtparam=dr_mode=peripheral",
         "dtoverlay=dwc2,dr_mode=peripheral", False),
        ("dtoverlay=pi3-disable-bt", "dtoverlay=disable-bt", True),
        ("dtoverlay=vc4-kms-v3d-pi4", "dtoverlay=vc4-kms-v3d", True),
        ("dtoverlay=vc4-kms-v3d-pi5", "dtoverlay=vc4-kms-v3d", False),
    ],
)  # fmt: skip
def test_what_holds(text, line, wanted):
    assert holds(line, read({"": text}, "", board("pi4"))) == wanted
