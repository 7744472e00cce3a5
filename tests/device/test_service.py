"""The service in a booted Debian, installed by the installer, playing to a serial instrument."""

import contextlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.device.container import container, until
from tests.device.debian import CACHE, Debian, chroot, copy_project

UNIT = "perpetuum.service"
UNITS = Path("etc/systemd/system")
PRIORITY = 10
EXPOSURE = "2.0"
INSTALL = "/root/perpetuum/setup/appliance.sh"
PANEL, OSC = "0.0.0.0:8765", "0.0.0.0:9000"
CONTROLLERS = {"panel": PANEL, "osc": OSC}
CODE = re.compile(r"panel: http://\S+:8765 pairing code ([A-Z2-9]{4}-[A-Z2-9]{4})")
WHOLE = re.compile(r"[1-9]\d* phrases, re-created byte for byte")
PHONE = Path(__file__).with_name("phone.py")
PYTHON = "/opt/perpetuum/venv/bin/python"
CONTROLLER = """import sys, pythonosc.udp_client as osc
osc.SimpleUDPClient("127.0.0.1", 9000).send_message(sys.argv[1], int(sys.argv[2]))"""
BATCH_SECONDS = 120
"""Longest time until queued music has sounded, and a recording is on the disk."""
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def installed(request):
    """Yield a system on which setup/appliance.sh has been run."""
    root = Debian(request.param).fresh(CACHE / f"service-{request.param}")
    copy_project(root / "root/perpetuum")
    chroot(root, INSTALL)
    configure(root, "perpetuum", "midi")
    with_priority(root)
    # A pause separates the work of ExecStopPost= from that of the next start.
    drop_in(root, UNIT, "slow-restart.conf", "RestartSec=4")
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def system(installed):
    with container(installed) as booted:
        yield booted


@pytest.fixture
def instrument(system):
    """Yield an instrument to which the service plays."""
    system.run("systemctl", "stop", UNIT)
    system.run("systemctl", "reset-failed", UNIT)
    with system.instrument("midi") as heard:
        system.run("systemctl", "start", UNIT)
        yield heard
        system.run("systemctl", "stop", UNIT)


def configure(root, name, device, **keys):
    lines = [f'out = ["serial:/run/{device}"]', "seed = 7", "bpm = 200"]
    lines += [f'{key} = "{value}"' for key, value in keys.items()]
    (root / f"etc/perpetuum/{name}.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def drop_in(root, unit, name, *lines):
    folder = root / UNITS / f"{unit}.d"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(["[Service]", *lines, ""]), encoding="utf-8")


def with_priority(root):
    """Grant the right to real-time priority if a container may not raise a limit."""
    try:
        subprocess.run(["prlimit", "--rtprio=10:10", "true"], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        right = "AmbientCapabilities=CAP_SYS_NICE", "CapabilityBoundingSet=CAP_SYS_NICE"
        drop_in(root, UNIT, "priority.conf", *right)


def state(system, unit=UNIT):
    return system.show(unit, "ActiveState", "SubState")


def restarts(system, unit=UNIT):
    return int(system.show(unit, "NRestarts")[0])


def restarted_silently(system, instrument):
    """Wait for the pause before the next start, and check that nothing sounds in it."""
    until(lambda: state(system)[1] == "auto-restart")
    assert instrument.sounding == set()
    before = instrument.notes
    until(lambda: state(system) == ("active", "running"))
    until(lambda: instrument.notes > before)


def test_the_units_are_valid_and_confined(system):
    for unit in (UNIT, "perpetuum@left.service"):
        checked = system.run("sh", "-c", f"systemd-analyze verify {unit} 2>&1")
        assert checked == ""
    for name in (UNIT, "perpetuum@.service"):
        limit = f"--threshold={EXPOSURE.replace('.', '')}"
        path = f"/root/perpetuum/systemd/{name}"
        output = system.run("systemd-analyze", "security", "--offline=true", limit, path)
        exposure = float(re.search(r"exposure level.*: ([\d.]+)", output)[1])
        assert exposure <= float(EXPOSURE)


def test_active_means_playing(system, instrument):
    # `systemctl start` returned, so the player has said READY=1.
    assert state(system) == ("active", "running")
    until(lambda: instrument.notes, 5)
    assert "seed 7, voice commons" in system.journal(UNIT)


def test_the_player_has_priority_and_the_composer_has_not(system, instrument):
    player = int(system.show(UNIT, "MainPID")[0])
    composer = system.composer(UNIT)
    command = ("ps", "-o", "cls=,rtprio=,ni=", "-p")
    until(lambda: system.run(*command, str(composer)).split() == ["TS", "-", "10"])
    assert system.run(*command, str(player)).split()[:2] == ["FF", str(PRIORITY)]


def test_stop_ends_every_note(system, instrument):
    until(lambda: instrument.sounding)
    system.run("systemctl", "stop", UNIT)
    assert state(system) == ("inactive", "dead")
    assert instrument.sounding == set()
    assert system.show(UNIT, "Result", "ExecMainStatus") == ("success", "0")
    # The player ended its notes itself: nothing was left for ExecStopPost=.
    assert "after a killed player" not in system.journal(UNIT)


def test_a_killed_player_is_silenced_and_started_again(system, instrument):
    player = system.show(UNIT, "MainPID")[0]
    until(lambda: instrument.sounding)
    system.run("kill", "-STOP", player)
    assert instrument.sounding
    system.run("kill", "-KILL", player)
    restarted_silently(system, instrument)
    assert restarts(system) == 1
    assert "after a killed player" in system.journal(UNIT)


def test_a_stalled_player_is_silenced_and_started_again(system, instrument):
    until(lambda: instrument.sounding)
    system.run("kill", "-STOP", system.show(UNIT, "MainPID")[0])
    restarted_silently(system, instrument)
    assert restarts(system) == 1
    assert "Watchdog timeout" in system.journal(UNIT)


def test_music_outlives_the_composer(system, instrument):
    player = system.show(UNIT, "MainPID")
    killed = system.composer(UNIT)
    system.run("kill", "-KILL", str(killed))
    notes = instrument.notes
    until(lambda: system.composer(UNIT) not in {killed, None})
    until(lambda: instrument.notes > notes + 10)
    assert system.show(UNIT, "MainPID") == player
    assert restarts(system) == 0


def test_an_invalid_setting_is_reported_once(system, installed):
    system.run("systemctl", "stop", UNIT)
    configure(installed, "perpetuum", "midi", style="polka")
    try:
        system.run("systemctl", "start", UNIT, check=False)
        until(lambda: state(system) == ("failed", "failed"))
        assert system.show(UNIT, "ExecMainStatus", "NRestarts") == ("2", "0")
        assert "polka" in system.journal(UNIT)
    finally:
        configure(installed, "perpetuum", "midi")


@pytest.fixture
def networked(system, installed):
    """Yield an instrument to which the service plays, with network access."""
    system.run(INSTALL, "--network")
    configure(installed, "perpetuum", "midi", **CONTROLLERS)
    with system.instrument("midi") as heard:
        codes = len(CODE.findall(system.journal(UNIT)))
        system.run("systemctl", "start", UNIT)
        until(lambda: len(CODE.findall(system.journal(UNIT))) > codes)
        yield heard
        system.run("systemctl", "stop", UNIT)
    configure(installed, "perpetuum", "midi")
    system.run(INSTALL, "--no-network")


def lowest_and_highest(instrument):
    """Return the lowest and the highest pitch of the last five notes."""
    pitches = [m.note for m in instrument.received if m.type == "note_on" and m.velocity][-5:]
    return min(pitches), max(pitches)


def test_a_phone_and_a_controller_play_it(system, networked):
    code = CODE.findall(system.journal(UNIT))[-1]
    program = PHONE.read_text(encoding="utf-8")
    output = system.run(PYTHON, "-c", program, "127.0.0.1:8765", code, "high", "47")
    assert output == "303 200 403 204 200 moved"
    until(lambda: lowest_and_highest(networked)[1] <= 47, BATCH_SECONDS)
    for control, value in (("high", 127), ("low", 96)):
        system.run(PYTHON, "-c", CONTROLLER, f"/perpetuum/{control}", str(value))
    until(lambda: lowest_and_highest(networked)[0] >= 96, BATCH_SECONDS)
    assert restarts(system) == 0
    findings = system.run("perpetuum", "doctor").splitlines()
    (finding,) = [line for line in findings if "service perpetuum " in line]
    assert finding.startswith("ok")
    assert f"controlled by panel {PANEL}, osc {OSC}" in finding


def test_the_unit_with_network_is_valid_and_confined(system, networked):
    assert system.run("sh", "-c", f"systemd-analyze verify {UNIT} 2>&1") == ""
    output = system.run("systemd-analyze", "security", "--no-pager", UNIT)
    assert float(re.search(r"exposure level.*: ([\d.]+)", output)[1]) <= float(EXPOSURE)
    assert "perpetuum" in output


def test_without_network_the_music_plays_and_the_controllers_report_why(
    system, installed, instrument
):
    configure(installed, "perpetuum", "midi", **CONTROLLERS)
    try:
        system.run("systemctl", "restart", UNIT)
        reason = "the network is not available (Address family not supported by protocol)"
        for controller in (f"panel {PANEL}", f"osc {OSC}"):
            until(lambda controller=controller: f"{controller}: {reason}" in system.journal(UNIT))
        notes = instrument.notes
        until(lambda: instrument.notes > notes + 10)
        assert restarts(system) == 0
        assert "Traceback" not in system.journal(UNIT)
        findings = system.run("perpetuum", "doctor")
        assert re.search(r"-- +service perpetuum .*\n +sudo .*network", findings)
    finally:
        configure(installed, "perpetuum", "midi")


def test_recordings_are_kept_and_root_composes_them_again(system, instrument):
    folder = "/var/lib/perpetuum/recordings"
    system.run("systemctl", "stop", UNIT)
    system.run("sh", "-c", f"rm -f {folder}/*")
    system.run("systemctl", "start", UNIT)
    recording = f"{folder}/000001.mid"
    until(lambda: system.run("sh", "-c", f"ls {folder}", check=False), BATCH_SECONDS)
    assert WHOLE.search(system.run("perpetuum", "replay", recording))
    system.run("systemctl", "stop", UNIT)
    assert WHOLE.search(system.run("perpetuum", "replay", recording))
    assert "recordings in" not in system.journal(UNIT)


def test_voices_side_by_side(system, installed):
    names = ("left", "right")
    with contextlib.ExitStack() as playing:
        heard = {}
        for name in names:
            configure(installed, name, name)
            heard[name] = playing.enter_context(system.instrument(name))
            system.run("systemctl", "start", f"perpetuum@{name}.service")
            playing.callback(system.run, "systemctl", "stop", f"perpetuum@{name}.service")
        for name in names:
            until(lambda name=name: heard[name].notes > 5)
        system.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "perpetuum@left")
        until(lambda: restarts(system, "perpetuum@left") == 1)
        assert state(system, "perpetuum@right") == ("active", "running")
        assert restarts(system, "perpetuum@right") == 0
        assert "killed player" in system.journal("perpetuum@left")
        assert "killed player" not in system.journal("perpetuum@right")


@pytest.fixture
def unwritable(installed):
    """Yield a copy of the installed system whose service needs no writable folder."""
    root = installed.with_name("service-read-only")
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", installed, root], check=True)
    folder = root / UNITS / f"{UNIT}.d"
    shutil.copy(root / "root/perpetuum/systemd/read-only.conf", folder)
    yield root
    shutil.rmtree(root)


def test_a_read_only_root(unwritable):
    with container(unwritable, "--read-only") as system, system.instrument("midi") as instrument:
        assert "Read-only" in system.run("sh", "-c", "touch /var/lib/x 2>&1", check=False)
        system.run("systemctl", "restart", UNIT)
        until(lambda: instrument.sounding)
        system.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", UNIT)
        restarted_silently(system, instrument)
        # Recordings are in memory and outlive the player.
        folder = "ls /run/perpetuum/recordings"
        until(lambda: system.run("sh", "-c", folder, check=False), BATCH_SECONDS)
        # The installer made the bytecode, so nothing had to be written.
        assert "Read-only" not in system.journal(UNIT)
