"""The one command, run as it is, below a folder of its own: what it does, asks for, and leaves."""

import os
import pathlib
import shutil
import stat
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
INTERPRETER = """#!/bin/sh
# Stands for the system's Python: its virtual environments and its pip only leave traces.
echo "python $*" >>"$LOG"
folder=$(dirname "$(dirname "$0")")
case "$*" in
    "-m venv "*)
        mkdir -p "$3/bin" "$3/lib"
        ln -sf "$(readlink -f "$0")" "$3/bin/python"
        touch "$3/lib/pip"
        ;;
    *"-m pip --version"*) [ -e "$folder/lib/pip" ] ;;
    *"-m pip install"*)
        [ -z "${POWER_CUT-}" ] || exit 1
        touch "$folder/lib/perpetuum"
        printf '#!/bin/sh\\necho "perpetuum $*" >>"$LOG"\\n' >"$folder/bin/perpetuum"
        chmod +x "$folder/bin/perpetuum"
        ;;
    *"-m stream "*) exec REAL "$@" ;;
    *version_info*) exit 1 ;;
    *-c*sysconfig*) [ -e "$folder/lib/pip" ] ;;
esac
"""
TOOLS = {
    "id": "echo 0",
    "dpkg": "echo amd64",
    "apt-get": 'echo "apt-get $*" >>"$LOG"',
    "systemctl": 'echo "systemctl $*" >>"$LOG"',
}
INSTALLED = {
    "etc/modules-load.d/perpetuum.conf",
    "etc/perpetuum/perpetuum.toml",
    "etc/systemd/system/perpetuum.service",
    "etc/systemd/system/perpetuum@.service",
    "opt/perpetuum/venv/bin/perpetuum",
    "opt/perpetuum/venv/bin/python",
    "opt/perpetuum/venv/lib/perpetuum",
    "opt/perpetuum/venv/lib/pip",
    "usr/local/bin/perpetuum",
}


class Machine:
    """An empty root, and a checkout with stand-ins for what reaches beyond it."""

    def __init__(self, folder):
        self.root, self.log = folder / "root", folder / "log"
        self.project = folder / "project"
        self.root.mkdir()
        self.log.touch()
        (self.project / "setup").mkdir(parents=True)
        for path in (
            "stream",
            "systemd",
            "firmware_configs",
            "pyproject.toml",
            "setup.py",
            "LICENSE",
            "README.md",
        ):
            (self.project / path).symlink_to(ROOT / path)
        shutil.copytree(ROOT / "setup", self.project / "setup", dirs_exist_ok=True)
        self.python = self.interpreter(folder / "python")
        self.tools = folder / "tools"
        self.tools.mkdir()
        for name, does in TOOLS.items():
            self.script(self.tools / name, f"#!/bin/sh\n{does}\n")
        self.script(
            self.project / "setup/system_packages.sh", '#!/bin/sh\necho "packages $*" >>"$LOG"\n'
        )
        self.use(self.python)

    def interpreter(self, place):
        self.script(place, INTERPRETER.replace("REAL", sys.executable))
        return place

    def use(self, python):
        """Replace the system's interpreter."""
        self.script(self.project / "setup/find_python.sh", f"#!/bin/sh\necho {python}\n")

    @staticmethod
    def script(place, text):
        place.write_text(text)
        place.chmod(0o755)

    def run(self, *words, umask=0o022, **environment):
        """Exit status, what was said, and what was asked of the system."""
        self.log.write_text("")
        path = f"{self.tools}:{os.environ['PATH']}"
        done = subprocess.run(
            [self.project / "setup/appliance.sh", *words],
            env={"PATH": path, "DESTDIR": str(self.root), "LOG": str(self.log), **environment},
            umask=umask, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr, self.log.read_text().splitlines()

    def files(self):
        return {
            str(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }

    def add_card(self):
        boot = self.root / "boot/firmware"
        boot.mkdir(parents=True)
        (boot / "config.txt").write_text("dtparam=audio=on\n")
        (boot / "cmdline.txt").write_text("console=serial0,115200 root=/dev/mmcblk0p2\n")


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("--help",), 0, "sudo setup/appliance.sh --uninstall"),
        (("-h",), 0, "sudo setup/appliance.sh --uninstall"),
        (("pi4", "--midi", "uart", "--help"), 0, "sudo setup/appliance.sh --uninstall"),
        (("--dry-run",), 0, "would install"),
        (("pi4", "--midi", "uart", "--dry-run"), 0, "+dtoverlay=midi-uart0"),
        (("--dry-run", "pi4", "--midi=uart"), 0, "+dtoverlay=midi-uart0"),
        (("--undo",), 2, "sudo perpetuum setup --undo"),
        (("pi4", "--undo"), 2, "sudo perpetuum setup --undo"),
        (("--version",), 2, "'--version' is unknown"),
        (("--uninstal",), 2, "'--uninstal' is unknown"),
        (("--network", "--help"), 0, "--no-network"),
        (("--network", "pi4"), 2, "--network allows no other words"),
        (("pi4", "--uninstall"), 2, "--uninstall allows no other words"),
        (("pi9", "--midi", "uart"), 2, "'pi9' is not a board"),
        (("../boards/pi4",), 2, "'../boards/pi4' is unknown"),
        (("",), 2, "'' is unknown"),
        (("pi4", "pi5"), 2, "'pi5' is one word too many"),
        (("pi4", "--midi"), 2, "--midi needs a value"),
        (("pi4", "--midi", "smoke"), 2, "--midi smoke: unknown for Raspberry Pi 4"),
        (("pi5", "--audio", "headphones"), 2, "no headphone socket"),
        (("pi4",), 2, "no output is chosen"),
    ],
)  # fmt: skip
def test_what_asks_or_is_mistaken_changes_nothing(machine, words, status, says):
    machine.add_card()
    before = machine.files()
    returned, said, asked = machine.run(*words)
    assert (returned, says in said) == (status, True), said
    assert [line for line in asked if " -m stream setup " not in line] == []
    assert machine.files() == before


def test_installed_once_again_and_away(machine):
    status, said, asked = machine.run()
    assert (status, machine.files()) == (0, INSTALLED), said
    assert "packages appliance" in asked
    assert asked[-1] == f"systemctl --root {machine.root} enable --quiet perpetuum.service"
    link = machine.root / "usr/local/bin/perpetuum"
    assert str(link.readlink()) == "/opt/perpetuum/venv/bin/perpetuum"
    settings = machine.root / "etc/perpetuum/perpetuum.toml"
    settings.write_text('out = ["null"]\n')
    status, _, asked = machine.run()
    assert (status, machine.files()) == (0, INSTALLED)
    assert [line for line in asked if "venv" in line] == [], "the environment was whole"
    assert settings.read_text() == 'out = ["null"]\n'
    assert machine.run("--uninstall")[0] == 0
    assert machine.files() == {"etc/perpetuum/perpetuum.toml"}


def test_the_board_is_set_up_by_what_was_installed(machine):
    machine.add_card()
    status, said, asked = machine.run("pi4", "--midi", "uart")
    assert status == 0, said
    assert f"perpetuum setup pi4 --midi uart --root {machine.root}" in asked
    assert "etc/perpetuum/perpetuum.toml" not in machine.files()


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_everybody_may_run_it_whatever_the_umask_of_root(machine, umask):
    # What an earlier try left, that only root could use.
    for folder in ("opt/perpetuum", "etc/perpetuum"):
        (machine.root / folder).mkdir(parents=True, mode=0o700)
    assert machine.run(umask=umask)[0] == 0
    made = [machine.root / path for path in INSTALLED]
    folders = {folder for path in made for folder in path.relative_to(machine.root).parents}
    for path in (*made, *(machine.root / folder for folder in folders if folder.name)):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode & 0o444 == 0o444, path
            assert not path.is_dir() or mode & 0o111 == 0o111, path


def installed_anew(machine):
    """Return True if the next run makes the environment again, and completes it."""
    status, said, asked = machine.run()
    assert (status, machine.files()) == (0, INSTALLED), said
    return any(" -m venv " in f" {line}" for line in asked)


def test_an_environment_is_made_anew_when_the_system_has_another_interpreter(machine, tmp_path):
    machine.run()
    machine.use(machine.interpreter(tmp_path / "python3.13"))
    assert installed_anew(machine)
    assert not installed_anew(machine)


@pytest.mark.parametrize("lost", ["lib/pip", "bin/python", "lib"])
def test_an_environment_that_has_lost_something_is_made_anew(machine, lost):
    machine.run()
    path = machine.root / "opt/perpetuum/venv" / lost
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    assert installed_anew(machine)
    assert not installed_anew(machine)


def test_an_environment_is_made_anew_when_the_power_failed_in_the_installation(machine):
    assert machine.run(POWER_CUT="yes")[0] != 0
    assert "usr/local/bin/perpetuum" not in machine.files()
    assert installed_anew(machine)
    assert machine.run(POWER_CUT="yes")[0] != 0
    assert installed_anew(machine), "an upgrade that ended half-way"
    assert not installed_anew(machine)
