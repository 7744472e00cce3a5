"""The distributions: a wheel with all that plays, and a source distribution with all the tests."""

import email
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile

import pytest

from setup import absolute

ROOT = pathlib.Path(__file__).parents[1]
FOLDERS = ("stream", "firmware_configs", "systemd")
FILES = ("pyproject.toml", "setup.py", "MANIFEST.in", "LICENSE", "README.md", "CHANGELOG.md")
TESTED = ("export", "benchmarks", "tests", "docs", "setup")
"""Folders that the tests need besides those of the wheel."""
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", "results")


def names(folder):
    paths = (ROOT / folder).rglob("*")
    return {
        p.relative_to(ROOT).as_posix()
        for p in paths
        if p.is_file() and "__pycache__" not in p.parts
    }


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """A folder with a wheel and a source distribution of this tree."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in (*FOLDERS, *TESTED):
        shutil.copytree(ROOT / name, source / name, ignore=LEFT_OUT)
    for name in FILES:
        shutil.copy(ROOT / name, source)
    build = "from setuptools import build_meta as b; b.build_wheel({0!r}); b.build_sdist({0!r})"
    command = [sys.executable, "-c", build.format(str(folder))]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(distributions):
    (path,) = distributions.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_voices_and_the_board_set_ups(wheel):
    held = set(wheel.namelist())
    kept = (".py", ".onnx", ".toml", ".js", ".html", ".css")
    assert {n for n in names("stream") if n.endswith(kept)} <= held
    data = f"{next(name for name in held if '.data/' in name).split('/')[0]}/data/share/perpetuum"
    shared = names("firmware_configs") | names("systemd")
    assert {f"{data}/{name}" for name in shared} <= held


def test_the_wheel_holds_nothing_of_the_training(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.startswith("perpetuum-")} == {"stream"}


def test_the_package_index_can_follow_every_link(wheel):
    name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    metadata = email.message_from_bytes(wheel.read(name))
    text = metadata.get_payload()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert dict(url.split(", ") for url in metadata.get_all("Project-URL")) == project["urls"]
    assert metadata.get_all("Classifier") == project["classifiers"]
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(links) > 20
    assert [link for link in links if not link.startswith(("https://", "http://", "#"))] == []


def test_links_become_absolute_and_others_stay():
    text = "![a](docs/a.png) [b](B.md) [c](https://c.org) [d](#d)"
    assert absolute(text, "https://x.org/y") == (
        "![a](https://x.org/y/raw/main/docs/a.png) [b](https://x.org/y/blob/main/B.md)"
        " [c](https://c.org) [d](#d)"
    )


def test_links_of_the_readme_lead_to_files_that_are_there():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    paths = [link for link in links if link and not link.startswith("http")]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_source_distribution_holds_all_that_is_tested(distributions):
    (path,) = distributions.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {name for folder in (*FOLDERS, *TESTED) for name in names(folder)}
    built = {name for name in wanted if "/results/" not in name and ".egg-info" not in name}
    assert built - held == set()
    assert {"pyproject.toml", "setup.py", "LICENSE", "README.md", "CHANGELOG.md"} <= held
