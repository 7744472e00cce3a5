"""Overlays, parameters and drivers named by the set-ups, compared with the Pi's kernel sources.

Ubuntu's kernel for the Raspberry Pi is Raspberry Pi's own; the patch that its source package
applies to the kernel of kernel.org holds every overlay. Raspberry Pi OS has kernels between these
two.
"""

import fractions
import gzip
import hashlib
import os
import pathlib
import re
import subprocess
import tomllib

import pytest

ROOT = pathlib.Path(__file__).parents[2]
FIRMWARE = ROOT / "firmware_configs"
CACHE = pathlib.Path(os.environ.get("PERPETUUM_DEVICE_CACHE", ROOT / "build" / "device")).resolve()
KERNELS = {
    "noble": (
        "linux-raspi_6.8.0-1004.4.diff.gz",
        "6a93be9ad79669448798a8c185de62d6de31eff912874e7db446d0d9c433be99",
    ),
    "resolute": (
        "linux-raspi_7.0.0-1009.9.diff.gz",
        "d0108ff21b5536519e1813a28b96850b449b091b760deaf08535cdfe5a319899",
    ),
}
"""Ubuntu's releases, with the name and the SHA-256 of their kernel patch."""
OVERLAYS = "arch/arm/boot/dts/overlays"
PLATFORM = {
    "zero2w": "bcm2835",
    "pi3": "bcm2835",
    "pi3a": "bcm2835",
    "pi4": "bcm2711",
    "pi5": "bcm2712",
}
TREES = {
    "zero2w": "bcm2710-rpi-zero-2-w",
    "pi3": "bcm2710-rpi-3-b",
    "pi3a": "bcm2710-rpi-3-b-plus",
    "pi4": "bcm2711-rpi-4-b",
    "pi5": "bcm2712-rpi-5-b",
}


def fetched(suite):
    """Return the patch of Ubuntu's source package, fetched by apt and checked by its hash."""
    name, digest = KERNELS[suite]
    folder = CACHE / "overlays" / suite
    place = folder / name
    if not place.exists():
        for each in ("lists/partial", "cache/archives/partial"):
            (folder / each).mkdir(parents=True, exist_ok=True)
        sources = folder / "sources.list"
        # Debian may lack Ubuntu's keys: the hash proves that it is the right file.
        sources.write_text(f"deb-src [trusted=yes] http://archive.ubuntu.com/ubuntu {suite} main\n")
        options = [
            f"-oDir::Etc::sourcelist={sources}", "-oDir::Etc::sourceparts=/dev/null",
            f"-oDir::State::Lists={folder}/lists", f"-oDir::Cache={folder}/cache",
            "-oAPT::Sandbox::User=root",
        ]  # fmt: skip
        for words in (["update"], ["--only-source", "--diff-only", "source", "linux-raspi"]):
            done = subprocess.run(
                ["apt-get", "-q", *options, *words], cwd=folder, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
        if not place.exists():
            pytest.skip(f"Ubuntu's archive is not available: {done.stderr.strip()[-200:]}")
    data = place.read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest
    return gzip.decompress(data).decode("utf-8", "replace")


@pytest.fixture(scope="module", params=KERNELS)
def kernel(request):
    """Return the lines added to each file, by its path."""
    parts = re.split(r"(?m)^--- .*\n\+\+\+ [^/\s]+/(\S+).*\n", fetched(request.param))
    return {
        path: "".join(f"{line[1:]}\n" for line in body.split("\n") if line.startswith("+"))
        for path, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def boards():
    return {p.stem: tomllib.loads(p.read_text()) for p in (FIRMWARE / "boards").glob("*.toml")}


def config_lines():
    """Yield board and line of every line of `config.txt` that any choice adds."""
    for board, about in boards().items():
        chosen = {
            name for kind in ("midi", "audio") for each in about[kind].values() for name in each
        }
        for feature in sorted(chosen | {"base", "fast-boot"}):
            tables = tomllib.loads((FIRMWARE / "features" / f"{feature}.toml").read_text())
            for table in tables.get("config", ()):
                for line in table["lines"]:
                    yield board, line


def overlay_of(kernel, name):
    """Return the source of an overlay with all overlays it includes."""
    text = kernel[f"{OVERLAYS}/{name}-overlay.dts"]
    for other in re.findall(r'#include "([\w-]+)-overlay\.dts"', text):
        text += overlay_of(kernel, other)
    return text


def parameters(text):
    """Return the names below `__overrides__`."""
    blocks = re.findall(r"__overrides__ \{(.*?)\n\t\};", text, re.DOTALL)
    return {name for block in blocks for name in re.findall(r"(?m)^\s*([\w-]+)\s*=", block)}


def test_every_overlay_exists_for_its_board_and_takes_our_parameters(kernel):
    maps = kernel[f"{OVERLAYS}/overlay_map.dts"]
    seen = set()
    for board, line in config_lines():
        key, _, value = line.partition("=")
        if key == "dtoverlay" and value:
            name, *given = value.split(",")
            known = parameters(overlay_of(kernel, name))
            assert {each.partition("=")[0] for each in given} <= known, (board, line)
            assert re.search(rf"(?m)^Name: +{re.escape(name)}$", kernel[f"{OVERLAYS}/README"])
            # The map lists only overlays that some boards lack.
            node = re.search(rf"(?m)^\t{re.escape(name)} \{{(.*?)^\t\}};", maps, re.DOTALL)
            assert node is None or PLATFORM[board] in node[1], (board, line)
            seen.add(name)
    assert {"midi-uart0", "midi-uart0-pi5", "dwc2", "hifiberry-dac", "disable-bt"} <= seen


def test_every_parameter_is_one_of_its_boards_device_tree(kernel):
    seen = set()
    for board, line in config_lines():
        if line.startswith("dtparam="):
            name = line.split("=")[1]
            assert name in parameters(tree_of(kernel, board)) | changed_parameters(kernel, board), (
                board,
                line,
            )
            seen.add((board, name))
    assert seen == {("pi3", "audio"), ("pi3a", "audio"), ("pi4", "audio")}


def tree_of(kernel, board):
    """Return the board's own device tree from the kernels that have it."""
    places = [f"arch/{each}/boot/dts/broadcom/{TREES[board]}.dts" for each in ("arm", "arm64")]
    return "".join(kernel[place] for place in places if place in kernel)


def changed_parameters(kernel, board):
    """Return names of parameters in a changed tree, whose added lines have no enclosing block."""
    return set(re.findall(r"(?m)^\t\t(\w+) = <", tree_of(kernel, board)))


def test_only_boards_that_have_a_headphone_socket_are_offered_it(kernel):
    for board, about in boards().items():
        assert ("headphones" in about["audio"]) == ("enable_headphones=1" in tree_of(kernel, board))


def test_a_port_opened_at_38400_baud_has_midis_31250_on_the_wire(kernel):
    """The reported clock is faster than the real one by the factor by which the port is slower."""
    scale = fractions.Fraction(38400, 31250)
    (reported,) = re.findall(r"clock-frequency = <(\d+)>", overlay_of(kernel, "midi-uart0"))
    assert fractions.Fraction(int(reported), 48_000_000) == scale
    text = overlay_of(kernel, "midi-uart0-pi5")
    factors = re.findall(r"clock-(?:mult|div) += <(\d+)>", text)
    if factors:
        assert fractions.Fraction(*map(int, factors)) == scale
    else:
        # Before April 2024 the kernel took the real clock of 50 MHz for 100 MHz: half the rate.
        # See https://github.com/raspberrypi/linux/pull/6109 and README.md.
        (reported,) = re.findall(r"clock-frequency = <(\d+)>", text)
        assert fractions.Fraction(int(reported), 100_000_000) == scale


def test_the_kernels_can_be_a_midi_gadget(kernel):
    for platform in ("bcm2711", "bcm2712"):
        config = kernel[f"arch/arm64/configs/{platform}_defconfig"]
        assert "CONFIG_USB_CONFIGFS_F_MIDI=y" in config
        assert "CONFIG_USB_DWC2=" in config


def test_the_sound_cards_have_the_names_in_the_features(kernel):
    """ALSA's short name is the first fifteen letters and digits of the driver's name."""
    named = {
        re.search(r"card (\w+)", table["content"])[1]
        for name in ("hifiberry-dac", "hifiberry-dacplus")
        for table in tomllib.loads((FIRMWARE / "features" / f"{name}.toml").read_text())["file"]
    }
    drivers = (
        kernel["sound/soc/bcm/rpi-simple-soundcard.c"] + kernel["sound/soc/bcm/hifiberry_dacplus.c"]
    )
    names = set(re.findall(r'"(snd_rpi_hifiberry_dac(?:plus)?)"', drivers))
    assert names == {"snd_rpi_hifiberry_dac", "snd_rpi_hifiberry_dacplus"}
    assert {re.sub(r"\W|_", "", name)[:15] for name in names} == named
