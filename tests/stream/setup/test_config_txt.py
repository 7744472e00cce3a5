"""`config.txt` before and after, as the firmware reads it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream.setup.config_reader import read
from stream.setup.config_txt import (
    BEGIN,
    END,
    ConfigChange,
    doubts,
    edited,
    with_block,
    without_block,
)
from stream.setup.filters import Board

CHANGES = (
    ConfigChange(
        ("enable_uart=1", "dtoverlay=disable-bt"), ("dtoverlay=miniuart-bt*",), "Why. " * 40, ""
    ),
    ConfigChange(("dtoverlay=dwc2,dr_mode=peripheral",), ("dtoverlay=dwc2*",), "Because.", ""),
    ConfigChange(("dtoverlay=", "dtparam=audio=on"), ("dtparam=audio=off",), "Sound.", ""),
)
SETTINGS = (
    "enable_uart=1", "enable_uart=0", "dtoverlay=disable-bt", "dtoverlay=miniuart-bt,krnbt=off",
    "dtoverlay=dwc2", "dtoverlay=dwc2,dr_mode=host", "dtoverlay=dwc2,dr_mode=peripheral",
    "dtparam=audio=on", "dtparam=audio=off", "dtparam=i2c_arm=on", "gpu_mem=16", "dtoverlay=",
    "  arm_boost=1 ", "# a comment \xff", "#dtoverlay=dwc2", "",
)  # fmt: skip
FILTERS = (
    "all", "none", "pi0", "pi02", "pi3", "pi3+", "pi4", "pi400", "pi5", "cm4", "cm5",
    "gpio4=1", "EDID=VSC-TD2220", "0x12345678", "board-type=0x11", "tryboot",
)  # fmt: skip
MODELS = {"pi0", "pi02", "pi3", "pi3+", "pi4", "pi400", "pi5", "cm4", "cm5", "board-type=0x11"}
BOARDS = {"zero2w": ("pi0", "pi0w", "pi02"), "pi3": ("pi3",), "pi4": ("pi4",), "pi5": ("pi5",)}

lines = st.sampled_from(SETTINGS) | st.sampled_from(FILTERS).map("[{}]".format)
texts = st.builds(
    lambda lines, ending, last: ending.join(lines) + (ending if last else ""),
    st.lists(lines, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
boards = st.sampled_from(sorted(BOARDS))


def read_by(text, filters, *, others):
    """Read as a firmware that passes these filters; `others`: the result of `[gpio4=1]`."""
    model, more, found = True, True, []
    for line in (raw.strip() for raw in text.replace("\r\n", "\n").split("\n")):
        if line == "[all]":
            model = more = True
        elif line.startswith("["):
            if line[1:-1] in MODELS:
                model = line[1:-1] in filters
            else:
                more = others and line != "[none]"
        elif line and not line.startswith("#") and model and more:
            found.append(line)
    return found


def effect(found):
    """Overlays with their parameters, in order, and the last value of everything else."""
    overlays = [line for line in found if line.startswith("dtoverlay=") and line != "dtoverlay="]
    values = {line.rpartition("=")[0]: line for line in found if not line.startswith("dtoverlay")}
    return overlays, values


@example(text="enable_uart=1\nenable_uart=0\n", board="pi4", others=False)
@example(text="enable_uart=1\n[gpio4=1]\nenable_uart=0", board="pi3", others=True)
@given(text=texts, board=boards, others=st.booleans())
def test_the_board_gets_what_is_asked_for_and_nothing_against_it(text, board, others):
    after = with_block(text, CHANGES, BOARDS[board])
    overlays, values = effect(read_by(after, BOARDS[board], others=others))
    assert "dtoverlay=disable-bt" in overlays
    assert "dtoverlay=dwc2,dr_mode=peripheral" in overlays
    assert values["enable_uart"] == "enable_uart=1"
    assert values["dtparam=audio"] == "dtparam=audio=on"
    certain = effect(read_by(after, BOARDS[board], others=False))[0]
    assert not [line for line in certain if "miniuart" in line or line == "dtoverlay=dwc2"]
    assert certain.count("dtoverlay=disable-bt") <= max(
        1, read_by(text, BOARDS[board], others=False).count("dtoverlay=disable-bt")
    )


@given(texts, boards, st.booleans())
def test_sections_of_other_boards_stay(text, board, others):
    after = with_block(text, CHANGES, BOARDS[board])
    for other, filters in BOARDS.items():
        if other != board:
            before, now = (read_by(each, filters, others=others) for each in (text, after))
            lost = [line for line in before if line not in now]
            shared = read_by(text, BOARDS[board], others=False)
            assert set(lost) <= set(shared), "only what stood under [all] may go"
            assert [line for line in now if line not in before] == []


@given(texts, boards)
def test_a_second_time_changes_nothing(text, board):
    once = with_block(text, CHANGES, BOARDS[board])
    assert with_block(once, CHANGES, BOARDS[board]) == once


@given(texts, boards)
def test_the_block_goes_without_a_trace_but_for_a_missing_last_line_end(text, board):
    undone = without_block(with_block(text, CHANGES, BOARDS[board]))
    assert undone in (text, text + "\n", text + "\r\n")
    assert undone == text or not text.endswith("\n")


@given(texts, boards, texts.filter(lambda text: text.endswith("\n")))
def test_what_the_user_adds_stays(text, board, added):
    text = text if not text or text.endswith("\n") else text + "\n"
    edited = added + with_block(text, CHANGES, BOARDS[board]) + added
    assert without_block(edited) == added + text + added


def test_the_file_of_raspberry_pi_os():
    before = (
        "dtparam=audio=on\ndtoverlay=vc4-kms-v3d\n\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n\n[all]\n"
        "dtoverlay=miniuart-bt\n"
    )
    assert with_block(before, CHANGES, BOARDS["pi4"]) == (
        "dtparam=audio=on\ndtoverlay=vc4-kms-v3d\n\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n\n[all]\n"
        "#perpetuum# dtoverlay=miniuart-bt\n"
        f"{BEGIN}\n[all]\n[pi4]\n"
        "# " + ("Why. " * 19).strip() + "\n# " + ("Why. " * 19).strip() + "\n# Why. Why.\n"
        "enable_uart=1\ndtoverlay=disable-bt\n"
        "# Because.\ndtoverlay=dwc2,dr_mode=peripheral\n"
        f"[all]\n{END}\n"
    )


def test_an_overlay_that_is_loaded_with_more_parameters_is_loaded():
    change = ConfigChange(("dtoverlay=vc4-kms-v3d",), (), "Sound.", "")
    text = "dtoverlay=vc4-kms-v3d,cma-128\n"
    assert with_block(text, [change], BOARDS["pi4"]) == text


HDMI = ConfigChange(
    ("dtoverlay=vc4-kms-v3d",),
    (
        "dtoverlay=vc4-fkms-v3d",
        "dtoverlay=vc4-kms-v3d*,noaudio",
        "dtoverlay=vc4-kms-v3d*,audio=off",
    ),
    "Sound on HDMI.",
    "",
)
BOARD_SOUND = ConfigChange(("dtparam=audio=on",), ("dtparam=audio=off",), "Sound.", "")
CONSOLE = ConfigChange((), ("dtparam=uart0_console",), "No console.", "")


@pytest.mark.parametrize(
    ("change", "text", "after"),
    [
        (HDMI, "dtoverlay=vc4-kms-v3d,noaudio",
         ("#perpetuum# dtoverlay=vc4-kms-v3d,noaudio\n#perpetuum+ dtoverlay=vc4-kms-v3d\n"
         "dtoverlay=vc4-kms-v3d")),
        (HDMI, "dtoverlay=vc4-kms-v3d,cma-512,audio=off\r\ndtparam=x=1\r\n",
         ("#perpetuum# dtoverlay=vc4-kms-v3d,cma-512,audio=off\r\n"
         "#perpetuum+ dtoverlay=vc4-kms-v3d,cma-512\r\ndtoverlay=vc4-kms-v3d,cma-512\r\n"
         "dtparam=x=1\r\n")),
        (HDMI, "dtoverlay=vc4-kms-v3d\ndtparam=noaudio,cma-512\n",
         ("dtoverlay=vc4-kms-v3d\n#perpetuum# dtparam=noaudio,cma-512\n"
         "#perpetuum+ dtparam=cma-512\ndtparam=cma-512\n")),
        (HDMI, "dtoverlay=vc4-kms-v3d\ndtparam=audio=no\n",
         "dtoverlay=vc4-kms-v3d\n#perpetuum# dtparam=audio=no\n"),
        # These are nobody's business here.
        (HDMI, "dtoverlay=vc4-kms-v3d,noaudio=off\n", "dtoverlay=vc4-kms-v3d,noaudio=off\n"),
        (HDMI, "dtparam=audio=off\ndtoverlay=vc4-kms-v3d\n",
         "dtparam=audio=off\ndtoverlay=vc4-kms-v3d\n"),
        (HDMI, "dtoverlay=vc4-kms-v3d\ndtoverlay=\ndtparam=audio=off\n",
         "dtoverlay=vc4-kms-v3d\ndtoverlay=\ndtparam=audio=off\n"),
        (BOARD_SOUND, "dtparam=audio=on\ndtoverlay=vc4-kms-v3d\ndtparam=audio=off\n",
         ("dtparam=audio=on\ndtoverlay=vc4-kms-v3d\ndtparam=audio=off\n"
         "{block}dtoverlay=\ndtparam=audio=on\n{end}")),
        (BOARD_SOUND, "dtparam=spi=on,audio=off\n",
         ("#perpetuum# dtparam=spi=on,audio=off\n#perpetuum+ dtparam=spi=on\ndtparam=spi=on\n"
         "{block}dtparam=audio=on\n{end}")),
        # An overlay without a parameter of that name leaves it to the board.
        (BOARD_SOUND, "dtoverlay=dwc2\ndtparam=audio=off\n",
         ("dtoverlay=dwc2\n#perpetuum# dtparam=audio=off\n"
         "{block}dtoverlay=\ndtparam=audio=on\n{end}")),
        (CONSOLE, "dtoverlay=vc4-kms-v3d\n[all]\ndtparam=uart0_console\n",
         "dtoverlay=vc4-kms-v3d\n[all]\n#perpetuum# dtparam=uart0_console\n"),
        # What is set aside must not hand its parameters on to the overlay before it.
        (ConfigChange((), ("dtoverlay=dwc2",), "", ""),
         "dtoverlay=vc4-kms-v3d\ndtoverlay=dwc2\ndtparam=audio=on\n",
         ("dtoverlay=vc4-kms-v3d\n#perpetuum# dtoverlay=dwc2\n#perpetuum+ dtoverlay=\n"
         "dtoverlay=\ndtparam=audio=on\n")),
    ],
)  # fmt: skip
def test_parameters_that_do_not_go_with_it_are_set_aside_alone(change, text, after):
    block = f"{BEGIN}\n[all]\n[pi4]\n# {change.why}\n"
    made = with_block(text, [change], ("pi4",))
    assert made == after.replace("{block}", block).replace("{end}", f"[all]\n{END}\n")
    assert with_block(made, [change], ("pi4",)) == made
    assert without_block(made) == text


PARAMETERS = (
    "dtoverlay=vc4-kms-v3d", "dtoverlay=vc4-kms-v3d,noaudio", "dtoverlay=vc4-kms-v3d,audio=off,a",
    "dtoverlay=vc4-fkms-v3d", "dtoverlay=dwc2", "dtoverlay=", "dtparam=audio=on",
    "dtparam=audio=off", "dtparam=spi=on,audio=off,noaudio", "dtparam=noaudio", "[all]", "[pi5]",
    "[gpio4=1]", "[none]", "include more.txt", "gpu_mem=16",
)  # fmt: skip
MAIN, MORE = "/boot/config.txt", "/boot/more.txt"
pieces = st.lists(st.sampled_from(PARAMETERS), max_size=8).map(
    lambda lines: "\n".join(lines) + "\n"
)


class Firmware:
    """A Pi 4 that reads `config.txt` line by line; `pin` is what it says to `[gpio4=1]`."""

    def __init__(self, files, *, pin):
        self.files, self.pin = files, pin
        self.model = self.other = self.none = True
        self.board, self.overlays, self.scope = {}, [], None
        self.read(MAIN)

    def read(self, path):
        for line in self.files[path].split("\n"):
            if line.startswith("["):
                self.filter(line[1:-1])
            elif line and line[0] != "#" and self.model and self.other and self.none:
                self.take(line)

    def filter(self, name):
        if name == "all":
            self.model = self.other = self.none = True
        elif name == "none":
            self.none = False
        elif name == "gpio4=1":
            self.other = self.pin
        else:
            self.model = name == "pi4"

    def take(self, line):
        key, _, value = line.partition("=")
        if line == "include more.txt":
            self.read(MORE)
        elif key == "dtoverlay":
            name, *given = value.split(",")
            self.scope = {"": name} if name else None
            self.overlays += [self.scope] if name else []
            for each in given:
                self.scope[each.partition("=")[0]] = each.partition("=")[2] or "on"
        elif key == "dtparam":
            for each in value.split(","):
                name, _, said = each.partition("=")
                mine = self.scope and self.scope[""] == "vc4-kms-v3d"
                (self.scope if mine else self.board)[name] = said or "on"

    def has_board_sound(self):
        return self.board.get("audio") == "on"

    def has_hdmi_sound(self):
        drivers = [each for each in self.overlays if each[""].startswith("vc4-")]
        return drivers != [] and all(
            each[""] == "vc4-kms-v3d"
            and (each.get("noaudio"), each.get("audio", "on")) == (None, "on")
            for each in drivers
        )


@given(main=pieces, more=pieces, change=st.sampled_from([HDMI, BOARD_SOUND]), pin=st.booleans())
def test_it_sounds_or_it_is_said_what_is_against_it(main, more, change, pin):
    files = {MAIN: main, MORE: more.replace("include more.txt", "[all]")}
    board = Board(("pi4",))
    after = edited(files, MAIN, [change], board)
    firmware = Firmware(after, pin=pin)
    sounds = firmware.has_hdmi_sound() if change is HDMI else firmware.has_board_sound()
    said = doubts(read(after, MAIN, board), [change])
    assert sounds or (pin and said)
    assert change is HDMI or said == [], "what the block sets is settled"
    assert edited(after, MAIN, [change], board) == after
    assert {path: without_block(text) for path, text in after.items()} == files
