"""Interpreters and virtual environments: which one is taken, and when one is made anew."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SETUP = ROOT / "setup"


def run(script, *words, **environment):
    return subprocess.run(
        [SETUP / script, *words], env={**os.environ, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path):
    """A version manager's folder: interpreters that work, under every usual name."""
    folder = tmp_path / "home/versions/bin"
    folder.mkdir(parents=True)
    for name in ("python3", "python3.11", "python3.12"):
        (folder / name).symlink_to(sys.executable)
    return folder


def test_the_service_gets_the_systems_interpreter_never_one_from_a_home(home):
    mine = str(home / "python3")
    path = f"{home}:{os.environ['PATH']}"
    found = run("find_python.sh", "system", PATH=path, PYTHON=mine)
    assert found.stdout.startswith("/usr/bin/python3") or found.returncode == 1
    assert run("find_python.sh", PATH=path, PYTHON=mine).stdout.strip() == mine
    assert run("find_python.sh", PATH=path, PYTHON="").stdout.strip() == str(home / "python3.12")


def test_an_interpreter_that_does_not_start_is_none(home):
    (home / "python3.12").unlink()
    (home / "python3.12").write_text("#!/bin/sh\nexit 127\n")
    (home / "python3.12").chmod(0o755)
    found = run("find_python.sh", PATH=f"{home}:/usr/bin:/bin", PYTHON="").stdout.strip()
    assert found in (str(home / "python3.11"), "/usr/bin/python3.12")


@pytest.mark.parametrize(
    "script", ["find_python.sh", "system_packages.sh", "virtual_environment.sh"]
)
@pytest.mark.parametrize("word", ["--help", "--dry-run", "nonsense"])
def test_words_that_a_script_does_not_know_are_answered_by_its_usage(script, word, tmp_path):
    for name in ("apt-get", "sudo"):
        (tmp_path / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/called\n")
        (tmp_path / name).chmod(0o755)
    done = run(script, word, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")
    assert not (tmp_path / "called").exists()


def whole(folder):
    return run("virtual_environment.sh", "check", folder).returncode == 0


def test_an_environment_is_whole_or_it_is_not(tmp_path):
    folder = tmp_path / "a folder/.venv"
    assert not whole(folder)
    made = run("virtual_environment.sh", "make", folder, sys.executable)
    assert (made.returncode, whole(folder)) == (0, True), made.stderr
    assert subprocess.run([folder / "bin/python", "-m", "pip", "--version"], check=False,
                          capture_output=True).returncode == 0  # fmt: skip
    (folder / ".unfinished").touch()
    assert not whole(folder), "the power failed while it was made"
    (folder / ".unfinished").unlink()
    (libraries,) = folder.glob("lib/python3.*")
    moved = libraries.rename(folder / "lib/python3.0")
    assert not whole(folder), "the interpreter is another one since"
    moved.rename(libraries)
    assert whole(folder)
    (folder / "bin/python").unlink()
    (folder / "bin/python").symlink_to("/nowhere/python3")
    assert not whole(folder), "the interpreter is gone"
    (tmp_path / "not a folder").touch()
    failed = run("virtual_environment.sh", "make", folder, tmp_path / "no interpreter")
    assert (failed.returncode, folder.exists()) == (1, False)


@pytest.fixture
def checkout(tmp_path):
    """A Makefile, what it needs, and an environment with all that was installed."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "setup").symlink_to(SETUP)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    (site,) = folder.glob(".venv/lib/python3.*/site-packages")
    (site / "something.py").touch()
    for stamp in (".runtime", ".dev"):
        (folder / ".venv" / stamp).touch()
    return folder


def would_do(checkout, target):
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=checkout, capture_output=True, text=True, check=True
    )
    return [word for word in ("virtual_environment.sh make", "pip install") if word in done.stdout]


@pytest.mark.parametrize("target", ["install", "check"])
def test_make_makes_a_broken_environment_anew_with_all_that_was_in_it(checkout, target):
    assert would_do(checkout, target) == []
    (checkout / ".venv/.unfinished").touch()
    assert would_do(checkout, target) == ["virtual_environment.sh make", "pip install"]
    (checkout / ".venv/.unfinished").unlink()
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert would_do(checkout, target) == ["virtual_environment.sh make", "pip install"]
    assert would_do(checkout, "help") == []
