"""`perpetuum setup` on the root of a Raspberry Pi OS: what stands there before and after."""

import errno
import itertools
import os
import pathlib
import shutil
import stat
import subprocess
import tomllib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.__main__ import main
from stream.config.settings import load
from stream.setup.disk import Disk
from stream.setup.entry import File
from stream.setup.plan import applied, paths
from stream.setup.recipe import Choices, board_of, boards, recipe_of
from stream.setup.undo_record import Record, record_of
from stream.util import atomic_write

ROOT = pathlib.Path(__file__).parents[3]
CONFIG = """\
# For more options and information see
# http://rptl.io/configtxt
dtparam=audio=on
camera_auto_detect=1
auto_initramfs=1
dtoverlay=vc4-kms-v3d
max_framebuffers=2
arm_64bit=1
arm_boost=1

[cm4]
otg_mode=1

[cm5]
dtoverlay=dwc2,dr_mode=host

[all]
"""
CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=4e639091-02 rootfstype=ext4 rootwait\n"
PROGRAM = "usr/local/bin/perpetuum"
FILTER = {"zero2w": "[pi02]", "pi3": "[pi3]", "pi3a": "[pi3+]", "pi4": "[pi4]", "pi5": "[pi5]"}
UART = ["enable_uart=1", "dtoverlay=disable-bt", "dtoverlay=midi-uart0"]
MIDI = {
    "none": ([], []),
    "usb": ([], ["port"]),
    "gadget": (["dtoverlay=dwc2,dr_mode=peripheral"], ["port:f_midi"]),
    "uart": (UART, ["serial:/dev/ttyAMA0@38400"]),
}
"""Lines for `config.txt`, and outputs."""
AUDIO = {
    "none": ([], None),
    "headphones": ([], "Headphones"),  # Raspberry Pi OS has dtparam=audio=on
    "hdmi": ([], "vc4hdmi"),  # ... and the display driver
    "hifiberry-dac": (["dtoverlay=hifiberry-dac"], "sndrpihifiberry"),
    "hifiberry-dacplus": (["dtoverlay=hifiberry-dacplus"], "sndrpihifiberry"),
    "pcm5102": (["dtoverlay=hifiberry-dac"], "sndrpihifiberry"),
}
"""Lines for `config.txt`, and ALSA's name of the card."""
REFUSED = {
    ("zero2w", "audio", "headphones"): "no headphone socket; use --audio hdmi",
    ("pi5", "audio", "headphones"): "no headphone socket; use --audio hdmi",
    ("pi3", "midi", "gadget"): "can be a USB device; use --midi uart",
}
POSSIBLE = [
    (board, midi, audio)
    for board, midi, audio in itertools.product(FILTER, MIDI, AUDIO)
    if (midi, audio) != ("none", "none")
    and not {(board, "midi", midi), (board, "audio", audio)} & REFUSED.keys()
]


@pytest.fixture
def card(tmp_path):
    """The mounted card of a Raspberry Pi OS with the program, as `setup/appliance.sh` puts it."""
    for path, text in {
        "boot/firmware/config.txt": CONFIG,
        "boot/firmware/cmdline.txt": CMDLINE,
        "etc/hostname": "raspberrypi\n",
        "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
        "opt/perpetuum/venv/bin/perpetuum": "#!/opt/perpetuum/venv/bin/python\n",
    }.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    (tmp_path / "opt/perpetuum/venv/bin/perpetuum").chmod(0o755)
    (tmp_path / PROGRAM).parent.mkdir(parents=True)
    (tmp_path / PROGRAM).symlink_to("/opt/perpetuum/venv/bin/perpetuum")
    (tmp_path / "boot/firmware/config.txt").chmod(0o755)
    return tmp_path


def snapshot(root):
    """Every path with its mode, and its content or its target."""
    found = {}
    for path in sorted(root.rglob("*")):
        content = (
            str(path.readlink()) if path.is_symlink() else path.is_file() and path.read_bytes()
        )
        found[str(path.relative_to(root))] = (stat.filemode(path.lstat().st_mode), content)
    return found


def setup(card, *words):
    return main(["setup", *words, "--root", str(card)])


def choose(board, midi, audio):
    return board, "--midi", midi, "--audio", audio


def wanted_lines(board, midi, audio):
    lines = MIDI[midi][0]
    if (board, midi) == ("pi5", "uart"):
        lines = ["dtoverlay=uart0-pi5", "dtoverlay=midi-uart0-pi5"]
    return lines + AUDIO[audio][0]


def settings_and_sound(card):
    told = load(card / "etc/perpetuum/perpetuum.toml", {})
    assert told.absent == "await"
    alsa = card / "etc/asound.conf"
    names = (
        [line.split()[-1] for line in alsa.read_text().splitlines()[1:]] if alsa.exists() else []
    )
    return list(told.out), names


def block_of(text):
    """Settings that our block holds, and what stood before it."""
    before, _, block = text.partition("# perpetuum begin")
    return before, [line for line in block.splitlines()[1:] if not line.startswith("#")]


@pytest.mark.parametrize(("board", "midi", "audio"), POSSIBLE)
def test_every_combination_is_made_once_and_taken_back(card, capsys, board, midi, audio):
    before = snapshot(card)
    assert setup(card, *choose(board, midi, audio)) == 0
    lines = wanted_lines(board, midi, audio)
    block = ["[all]", FILTER[board], *lines, "[all]"] if lines else []
    assert block_of((card / "boot/firmware/config.txt").read_text()) == (CONFIG, block)
    serial = midi == "uart" and board != "pi5"
    cmdline = CMDLINE.removeprefix("console=serial0,115200 ") if serial else CMDLINE
    assert (card / "boot/firmware/cmdline.txt").read_text() == cmdline
    name = AUDIO[audio][1]
    name = "vc4hdmi0" if audio == "hdmi" and board in ("pi4", "pi5") else name
    outputs = MIDI[midi][1] + ["fluidsynth"] * (audio != "none")
    assert settings_and_sound(card) == (outputs, [name, name] if name else [])
    units = card / "etc/systemd/system"
    links = {path.name: str(path.readlink()) for path in units.rglob("*") if path.is_symlink()}
    enabled = ["perpetuum.service", "perpetuum-governor.service"]
    enabled += ["perpetuum-gadget.service"] * (midi == "gadget")
    masked = ["serial-getty@ttyAMA0.service"] * (midi == "uart") + ["hciuart.service"] * serial
    assert links == {unit: f"/etc/systemd/system/{unit}" for unit in enabled} | dict.fromkeys(
        masked, "/dev/null"
    )

    made = snapshot(card)
    capsys.readouterr()
    assert setup(card, *choose(board, midi, audio)) == 0
    assert capsys.readouterr().out == "nothing to change: everything is set up already\n"
    assert snapshot(card) == made
    assert setup(card, "--undo") == 0
    assert snapshot(card) == before


def test_a_fast_boot_waits_for_nothing(card):
    setup(card, *choose("pi4", "usb", "none"), "--fast-boot")
    _, block = block_of((card / "boot/firmware/config.txt").read_text())
    assert block == ["[all]", "[pi4]", "disable_splash=1", "boot_delay=0", "[all]"]
    assert (card / "boot/firmware/cmdline.txt").read_text() == CMDLINE.strip() + " quiet\n"
    waiting = card / "etc/systemd/system/NetworkManager-wait-online.service"
    assert waiting.readlink() == pathlib.Path("/dev/null")


@pytest.mark.parametrize(("board", "kind", "choice"), REFUSED)
def test_what_a_board_can_not_do_is_one_line_with_a_remedy(card, capsys, board, kind, choice):
    before = snapshot(card)
    assert setup(card, board, f"--{kind}", choice) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith(f"perpetuum: --{kind} {choice}: ")
    assert REFUSED[board, kind, choice] in error
    assert snapshot(card) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("pi9", "--midi", "usb"), "setup pi9: unknown board; use auto or pi3, pi3a, pi4"),
        (("pi4",), "no output is chosen; give --midi"),
        (("pi4", "--midi", "smoke"), "--midi smoke: unknown for Raspberry Pi 4 Model B; use none"),
    ],
)
def test_a_mistake_is_one_line(card, capsys, words, message):
    assert setup(card, *words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_no_card_and_no_right_are_one_line(tmp_path, card, capsys, monkeypatch):
    assert setup(tmp_path / "empty", "pi4", "--midi", "usb") == 2
    assert "no config.txt in" in capsys.readouterr().err
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["setup", "pi4", "--midi", "usb"]) == 2
    assert "only root may change the system; use sudo" in capsys.readouterr().err


def test_a_damaged_record_is_one_line(card, capsys):
    setup(card, *choose("pi4", "usb", "none"))
    (card / "etc/perpetuum/setup.json").write_text("{]")
    assert setup(card, "--undo") == 2
    assert "setup.json: damaged" in capsys.readouterr().err


def test_a_dry_run_says_what_why_and_who_says_so_and_does_nothing(card, capsys):
    before = snapshot(card)
    assert setup(card, *choose("pi4", "uart", "pcm5102"), "--dry-run") == 0
    diff = capsys.readouterr().out
    assert snapshot(card) == before
    assert "# The UART's clock is scaled: a port opened at 38400 baud" in diff
    assert "#   https://github.com/raspberrypi/firmware/blob/master/boot/overlays/README" in diff
    # The diff is one: `patch` makes of the card what `setup` makes of it, links apart.
    subprocess.run(["patch", "-p1", "-s", "-d", card], input=diff, text=True, check=True)
    patched = snapshot(card)
    for path in sorted(card.rglob("*"), reverse=True):
        if str(path.relative_to(card)) not in before:
            path.rmdir() if path.is_dir() else path.unlink()
    (card / "boot/firmware/config.txt").write_text(CONFIG)
    (card / "boot/firmware/cmdline.txt").write_text(CMDLINE)
    setup(card, *choose("pi4", "uart", "pcm5102"))
    for path, (mode, content) in snapshot(card).items():
        if mode.startswith("-") and path != "etc/perpetuum/setup.json":
            assert patched[path][1] == content, path


def test_other_choices_leave_nothing_of_the_first(card, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(card, other, symlinks=True, dirs_exist_ok=True)
    before = snapshot(card)
    setup(card, *choose("pi4", "gadget", "hifiberry-dac"), "--fast-boot")
    setup(card, *choose("pi4", "uart", "none"))
    setup(other, *choose("pi4", "uart", "none"))
    mine, theirs = snapshot(card), snapshot(other)
    # Folders that the first choices made are remembered for --undo.
    for found in (mine, theirs):
        found.pop("etc/perpetuum/setup.json")
        for path in ("usr/local/lib", "usr/local/lib/perpetuum"):
            found.pop(path, None)
    assert mine == theirs
    setup(card, "--undo")
    assert snapshot(card) == before


class PowerCut(BaseException):
    """Ends the program between two writes."""


def cut_after(writes, monkeypatch):
    """Cut the power after so many more entries."""
    whole, left = Disk._write, iter(range(writes))

    def write(self, place, entry):
        if next(left, None) is None:
            raise PowerCut
        whole(self, place, entry)

    monkeypatch.setattr(Disk, "_write", write)


@pytest.mark.parametrize("words", [("pi4", "--midi", "uart", "--fast-boot"), ("--undo",)])
def test_the_power_may_fail_between_any_two_writes(card, monkeypatch, words):
    before = snapshot(card)
    for writes in itertools.count():
        setup(card, *choose("pi4", "gadget", "pcm5102"))
        with monkeypatch.context() as patch:
            cut_after(writes, patch)
            try:
                setup(card, *words)
                whole = True
            except PowerCut:
                whole = False
        setup(card, "--undo")
        assert snapshot(card) == before, writes
        if whole:
            break
    assert writes > 10


def test_what_was_there_comes_back_and_what_the_user_changed_since_stays(card, capsys):
    (card / "etc/asound.conf").symlink_to("/etc/alsa/mine.conf")
    limits = card / "etc/security/limits.d/perpetuum.conf"
    limits.parent.mkdir(parents=True)
    limits.write_text("@audio - rtprio 99\n")
    limits.chmod(0o600)
    before = snapshot(card)
    setup(card, *choose("zero2w", "uart", "hdmi"))
    for name, words in {"config.txt": "gpu_mem=16\n", "cmdline.txt": "\n"}.items():
        place = card / "boot/firmware" / name
        place.write_text(place.read_text() + words)
    played = card / "etc/perpetuum/perpetuum.toml"
    played.write_text('out = ["null"]\nbpm = 90\n')
    capsys.readouterr()
    setup(card, "--undo")
    assert "perpetuum.toml: changed since setup; your changes stay" in capsys.readouterr().out
    after = snapshot(card)
    assert played.read_text() == 'out = ["null"]\nbpm = 90\n'
    assert (card / "boot/firmware/config.txt").read_text() == CONFIG + "gpu_mem=16\n"
    assert (card / "boot/firmware/cmdline.txt").read_text() == CMDLINE + "\n"
    for path in ("boot/firmware/config.txt", "boot/firmware/cmdline.txt"):
        after[path] = before[path]
    assert {path: after[path] for path in after if "etc/perpetuum" not in path} == before


def test_settings_of_the_user_are_never_overwritten(card):
    played = card / "etc/perpetuum/perpetuum.toml"
    played.parent.mkdir()
    played.write_text("bpm = 90\n")
    before = snapshot(card)
    setup(card, *choose("pi5", "uart", "none"))
    assert played.read_text() == "bpm = 90\n"
    setup(card, "--undo")
    assert snapshot(card) == before


def test_settings_that_the_installation_wrote_give_way(card, monkeypatch, tmp_path_factory):
    shared = tmp_path_factory.mktemp("shared")
    shutil.copytree(ROOT / "systemd", shared / "systemd")
    (shared / "firmware_configs").symlink_to(ROOT / "firmware_configs")
    (shared / "systemd/perpetuum.toml").write_text('out = ["port"]\n')
    monkeypatch.setattr("stream.setup.recipe.shared_files", shared.joinpath)
    played = card / "etc/perpetuum/perpetuum.toml"
    played.parent.mkdir()
    played.write_text('out = ["port"]\n')
    before = snapshot(card)
    setup(card, *choose("pi5", "uart", "none"))
    assert load(played, {}).out == ("serial:/dev/ttyAMA0@38400",)
    setup(card, "--undo")
    assert snapshot(card) == before


def boot_of(card):
    """The files of the firmware."""
    return {path.name: path.read_text() for path in (card / "boot/firmware").iterdir()}


OTHERS = "console=tty1 root=PARTUUID=4e639091-02 rootwait"
BLOCK = "# perpetuum begin: 'perpetuum setup --undo' removes this block\n[all]\n"
HEADPHONES = (
    f"{BLOCK}[pi4]\n# Sound is played on the board's own socket.\n"
    "dtoverlay=\ndtparam=audio=on\n[all]\n# perpetuum end\n"
)


@pytest.mark.parametrize(
    ("words", "files", "wanted"),
    [
        (choose("pi4", "uart", "none"), {"cmdline.txt": f"console=serial0 {OTHERS}\n"},
         {"cmdline.txt": f"{OTHERS}\n"}),
        (choose("pi4", "uart", "none"), {"cmdline.txt": f"console=ttyAMA0,9600n8\t{OTHERS}\n"},
         {"cmdline.txt": f"{OTHERS}\n"}),
        (choose("pi4", "uart", "none"), {"cmdline.txt": f'{OTHERS} a="b console=serial0 c"\n'},
         {"cmdline.txt": f'{OTHERS} a="b console=serial0 c"\n'}),
        (choose("pi4", "uart", "none"), {"cmdline.txt": f'"console=serial0,9600" {OTHERS}\n'},
         {"cmdline.txt": f"{OTHERS}\n"}),
        (choose("pi4", "none", "pcm5102"), {"config.txt": "dtoverlay=iqaudio-dacplus,unmute_amp\n"},
         {"config.txt": lambda text: text.startswith("#perpetuum# dtoverlay=iqaudio-dacplus")}),
        (choose("pi4", "uart", "none"), {"cmdline.txt": f"kgdboc=kbd,serial0 {OTHERS}\n"},
         {"cmdline.txt": f"kgdboc=kbd {OTHERS}\n"}),
        (choose("pi5", "uart", "none"),
         {"cmdline.txt": f"console=serial0 console=ttyAMA0 {OTHERS}\n"},
         {"cmdline.txt": f"console=serial0 {OTHERS}\n"}),
        (choose("pi5", "uart", "none"), {"config.txt": f"{CONFIG}dtparam=uart0_console\n"},
         {"config.txt": lambda text: "\n#perpetuum# dtparam=uart0_console\n" in text}),
        (choose("pi4", "none", "hdmi"), {"config.txt": "dtoverlay=vc4-kms-v3d,audio=off,cma-512\n"},
         {"config.txt": "#perpetuum# dtoverlay=vc4-kms-v3d,audio=off,cma-512\n"
                        "#perpetuum+ dtoverlay=vc4-kms-v3d,cma-512\n"
                        "dtoverlay=vc4-kms-v3d,cma-512\n"}),
        (choose("pi4", "none", "hdmi"), {"config.txt": f"{CONFIG}dtparam=noaudio\n"},
         {"config.txt": f"{CONFIG}#perpetuum# dtparam=noaudio\n"}),
        (choose("pi4", "none", "headphones"),
         {"config.txt": "dtoverlay=vc4-kms-v3d\ndtparam=audio=on\n"},
         {"config.txt": f"dtoverlay=vc4-kms-v3d\ndtparam=audio=on\n{HEADPHONES}"}),
        (choose("pi4", "none", "hdmi"),
         {"config.txt": "include more.txt\n",
          "more.txt": "dtoverlay=vc4-kms-v3d\ndtparam=noaudio\n"},
         {"config.txt": "include more.txt\n",
          "more.txt": "dtoverlay=vc4-kms-v3d\n#perpetuum# dtparam=noaudio\n"}),
        (choose("pi4", "uart", "none"),
         {"config.txt": f"{CONFIG}cmdline=mine.txt\n", "mine.txt": f"console=serial0 {OTHERS}\n"},
         {"cmdline.txt": CMDLINE, "mine.txt": f"{OTHERS}\n"}),
        # Only the running board knows which of the two is read.
        (choose("pi4", "uart", "none"),
         {"config.txt": f"{CONFIG}[gpio4=1]\ncmdline=mine.txt\n",
          "mine.txt": f"console=serial0 {OTHERS}"},
         {"cmdline.txt": CMDLINE.removeprefix("console=serial0,115200 "), "mine.txt": OTHERS}),
        (choose("pi4", "uart", "none"),
         {"config.txt": f"{CONFIG}os_prefix=next-\n",
          "next-cmdline.txt": f"console=serial0 {OTHERS}"},
         {"next-cmdline.txt": OTHERS}),
        (choose("zero2w", "gadget", "none"),
         {"cmdline.txt": f"{OTHERS} modules-load=dwc2,g_ether\n",
          "config.txt": f"{CONFIG}dtoverlay=dwc2\n"},
         {"cmdline.txt": f"{OTHERS} modules-load=dwc2\n",
          "config.txt": lambda text: "\n#perpetuum# dtoverlay=dwc2\n" in text}),
        (choose("zero2w", "gadget", "none"), {"cmdline.txt": f"modules_load=g_serial {OTHERS}\n"},
         {"cmdline.txt": f"{OTHERS}\n"}),
        (choose("zero2w", "gadget", "none"),
         {"cmdline.txt": f'modules-load="dwc2,g_ether" {OTHERS} "rd.modules-load=g_zero,a"\n'},
         {"cmdline.txt": f"modules-load=dwc2 {OTHERS} rd.modules-load=a\n"}),
        # Whatever else is on pins 8 and 10, or on the only I2S, or takes the sound off the socket.
        (choose("pi4", "uart", "none"),
         {"config.txt": "dtoverlay=uart1\ndtoverlay=uart0,txd0_pin=32,rxd0_pin=33\n"},
         {"config.txt": lambda text: text.startswith(
             "#perpetuum# dtoverlay=uart1\n#perpetuum# dtoverlay=uart0,txd0_pin=32")}),
        *((choose("pi4", "none", audio), {"config.txt": f"dtoverlay={overlay}\n"},
           {"config.txt": lambda text: text.startswith("#perpetuum# dtoverlay=")})
          for audio in ("pcm5102", "hifiberry-dacplus")
          for overlay in ("googlevoicehat-soundcard", "pisound", "audioinjector-wm8731-audio",
                          "max98357a,no-sdmode", "rpi-codeczero", "wm8960-soundcard", "i2s-dac")),
        (choose("pi4", "none", "headphones"), {"config.txt": "dtoverlay=audremap,pins_18_19\n"},
         {"config.txt": lambda text: text.startswith("#perpetuum# dtoverlay=audremap")}),
    ],
)  # fmt: skip
def test_what_the_board_reads_is_edited_and_comes_back(card, words, files, wanted):
    for name, text in files.items():
        (card / "boot/firmware" / name).write_text(text)
    before = boot_of(card)
    assert setup(card, *words) == 0
    made = boot_of(card)
    for name, text in wanted.items():
        assert text(made[name]) if callable(text) else made[name] == text
    assert setup(card, *words) == 0
    assert boot_of(card) == made
    assert setup(card, "--undo") == 0
    assert boot_of(card) == before


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("cmdline=mine.txt\n", "/boot/firmware/mine.txt is missing"),
        ("cmdline=../../etc/hostname\n", "not a file of the boot partition"),
        ("include ../../etc/hostname\n", "not a file of the boot partition"),
    ],
)
def test_what_can_not_be_edited_is_refused(card, capsys, config, message):
    (card / "boot/firmware/config.txt").write_text(config)
    before = snapshot(card)
    assert setup(card, *choose("pi4", "uart", "none")) == 2
    assert message in capsys.readouterr().err
    assert snapshot(card) == before


def test_what_may_be_against_it_is_said_and_stays(card, capsys):
    """A Pi 3 may be a 3B+ or not."""
    text = f"{CONFIG}[pi3+]\ndtoverlay=vc4-fkms-v3d\n"
    (card / "boot/firmware/config.txt").write_text(text)
    assert setup(card, *choose("pi3", "none", "hdmi")) == 0
    line = text.split("\n").index("dtoverlay=vc4-fkms-v3d") + 1
    said = f"/boot/firmware/config.txt, line {line}: 'dtoverlay=vc4-fkms-v3d' conflicts with"
    assert said in capsys.readouterr().out
    assert (card / "boot/firmware/config.txt").read_text() == text
    assert setup(card, *choose("pi3a", "none", "hdmi")) == 0
    assert said not in capsys.readouterr().out
    assert "\n#perpetuum# dtoverlay=vc4-fkms-v3d\n" in boot_of(card)["config.txt"]


NOTE = (
    "DO NOT EDIT THIS FILE\n\nThe file you are looking for has moved to /boot/firmware/config.txt\n"
)


@pytest.mark.parametrize(
    ("folder", "text"), [("boot/firmware", NOTE), ("boot/firmware", CONFIG), ("boot", NOTE)]
)
def test_a_root_without_its_boot_partition_is_refused(tmp_path, capsys, folder, text):
    (tmp_path / folder).mkdir(parents=True)
    for name in ("config.txt", "cmdline.txt"):
        (tmp_path / "boot" / name).write_text(text.replace("config.txt", name))
    before = snapshot(tmp_path)
    assert setup(tmp_path, *choose("pi4", "uart", "none")) == 2
    assert "no config.txt in" in capsys.readouterr().err
    assert snapshot(tmp_path) == before


def test_nothing_is_undone_without_the_boot_partition(card, capsys):
    before = snapshot(card)
    setup(card, *choose("pi4", "uart", "pcm5102"))
    made = snapshot(card)
    partition = (card / "boot/firmware").rename(card / "unmounted")
    (card / "boot/firmware").mkdir()
    assert setup(card, "--undo") == 2
    assert "no config.txt in" in capsys.readouterr().err
    (card / "boot/firmware").rmdir()
    partition.rename(card / "boot/firmware")
    assert snapshot(card) == made
    assert setup(card, "--undo") == 0
    assert snapshot(card) == before


def test_everybody_may_read_it_whatever_the_umask_of_root(card):
    mask = os.umask(0o077)
    try:
        assert setup(card, *choose("pi4", "gadget", "pcm5102")) == 0
    finally:
        assert os.umask(mask) == 0o077
    made = {path: mode for path, (mode, _) in snapshot(card).items()}
    assert [path for path, mode in made.items() if mode[7] != "r"] == []
    assert [path for path, mode in made.items() if mode[0] == "d" and mode[9] != "x"] == []


def test_a_boot_folder_of_old_is_edited_where_it_is(tmp_path):
    (tmp_path / "boot").mkdir()
    (tmp_path / "boot/config.txt").write_text(CONFIG)
    (tmp_path / "boot/cmdline.txt").write_text(CMDLINE)
    assert setup(tmp_path, *choose("pi4", "uart", "none")) == 0
    assert "dtoverlay=midi-uart0\n" in (tmp_path / "boot/config.txt").read_text()


def test_a_unit_is_enabled_only_if_what_it_starts_is_there(card, capsys):
    link = card / "etc/systemd/system/multi-user.target.wants/perpetuum.service"
    program = card / "opt/perpetuum/venv/bin/perpetuum"
    program.chmod(0o644)
    assert setup(card, *choose("pi4", "gadget", "none")) == 0
    said = "perpetuum.service is not enabled: it starts /usr/local/bin/perpetuum, which is not"
    assert said in capsys.readouterr().out
    assert sorted(path.name for path in link.parent.iterdir()) == [
        "perpetuum-gadget.service", "perpetuum-governor.service",
    ]  # fmt: skip
    program.chmod(0o755)
    assert setup(card, *choose("pi4", "gadget", "none")) == 0
    assert link.is_symlink()
    program.unlink()
    assert setup(card, *choose("pi4", "gadget", "none")) == 0
    assert not link.is_symlink()


def test_a_full_card_is_one_line_and_no_draft_lies_about(card, capsys, monkeypatch):
    before = snapshot(card)
    whole = atomic_write.put
    for room in itertools.count():
        left = iter(range(room))

        def put(file, data, offset, left=left):
            if next(left, None) is None:
                whole(file, data[:1], offset)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            whole(file, data, offset)

        capsys.readouterr()
        with monkeypatch.context() as patch:
            patch.setattr(atomic_write, "put", put)
            status = setup(card, *choose("pi4", "gadget", "pcm5102"))
        error = capsys.readouterr().err
        assert [path for path in card.rglob("*") if path.name.endswith(".new")] == []
        assert setup(card, "--undo") == 0
        assert snapshot(card) == before, room
        if status == 0:
            break
        assert "No space left on device; correct that and run setup again" in error
        assert error.count("\n") == 1
    assert room > 5


def test_the_board_says_what_it_is(card, capsys):
    setup(card, "auto", "--midi", "uart")
    assert "[pi4]" in (card / "boot/firmware/config.txt").read_text()
    models = {
        "Raspberry Pi Zero 2 W Rev 1.0": "zero2w",
        "Raspberry Pi 3 Model B Rev 1.2": "pi3",
        "Raspberry Pi 3 Model B Plus Rev 1.3": "pi3",
        "Raspberry Pi 3 Model A Plus Rev 1.0": "pi3a",
        "Raspberry Pi 4 Model B Rev 1.5": "pi4",
        "Raspberry Pi 5 Model B Rev 1.0": "pi5",
    }
    assert {model: board_of(model) for model in models} == models
    (card / "proc/device-tree/model").write_text("Raspberry Pi Pico\0")
    assert setup(card, "auto", "--midi", "uart") == 2
    assert "'Raspberry Pi Pico' is not a known board" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("systemctl") is None, reason="no systemd")
def test_units_are_enabled_and_masked_as_systemctl_does_it(card, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    setup(card, *choose("pi4", "gadget", "none"))
    units = other / "etc/systemd/system"
    shutil.copytree(ROOT / "systemd", units)
    names = ["perpetuum.service", "perpetuum-governor.service", "perpetuum-gadget.service"]
    subprocess.run(
        ["systemctl", f"--root={other}", "enable", *names], check=True, capture_output=True
    )
    wants = "etc/systemd/system/multi-user.target.wants"
    assert snapshot(card / wants) == snapshot(other / wants)


def test_every_change_has_a_reason_and_a_source_and_fits_the_firmwares_lines():
    for file in (ROOT / "firmware_configs/features").glob("*.toml"):
        for tables in tomllib.loads(file.read_text()).values():
            for table in (each for each in tables if isinstance(each, dict)):
                assert table["source"].startswith("https://"), file
                assert table["why"].endswith("."), file
                assert all(len(line) <= 98 for line in table.get("lines", ())), file


def test_boards_and_the_table_above_agree():
    assert set(boards()) == set(FILTER)
    for name, board in boards().items():
        refused = {choice for kind in ("midi", "audio") for choice in (MIDI, AUDIO)[kind == "audio"]
                   if (name, kind, choice) in REFUSED}  # fmt: skip
        assert set(board["midi"]) | set(board["audio"]) | refused | {"none"} == set(MIDI) | set(
            AUDIO
        )


PRIOR = st.lists(
    st.sampled_from(
        [*CONFIG.splitlines(), *UART, "[pi4]", "[pi5]", "dtoverlay=miniuart-bt", "\xe9\x85", "\x0c"]
    ),
    max_size=15,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(PRIOR, st.sampled_from(["\n", "\r\n"]), st.sampled_from(POSSIBLE), st.booleans())
def test_whatever_was_there_comes_back_byte_for_byte(prior, ending, combination, fast):
    recipe = recipe_of(Choices(*combination, fast_boot=fast))
    before = dict.fromkeys(paths(recipe, "/boot"))
    before["/boot/config.txt"] = File(ending.join(prior).encode("latin-1"), 0o755)
    before["/boot/cmdline.txt"] = File(f"quiet  console=serial0,1 a{ending}".encode(), 0o755)
    after = applied(before, recipe, "/boot")
    assert applied(after, recipe, "/boot") == after
    ours = {path: (entry,) for path, entry in after.items()}
    record = record_of(Record(before, ours).to_file())
    assert record == Record(before, ours)
    assert record.undone(after) == before
    assert record.undone(before) == before
