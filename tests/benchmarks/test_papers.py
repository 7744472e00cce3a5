"""The table of the five papers, made of stored figures alone."""

import json

import pytest

from benchmarks import papers, tables
from benchmarks.papers import Headline, Paper, Source


def stored(folder, **values):
    """A folder of results: one record in each file."""
    for name, value in values.items():
        record = {"system": "net", "set": "test", "measure": "loss", "value": value}
        (folder / f"{name}.json").write_text(json.dumps([record]), encoding="utf-8")
    return folder


def paper(flags, *headlines):
    return Paper("net", "A & B 1999", "page", flags, headlines, Source("fast", *ONE))


ONE = ("net", "test", "loss")


def test_a_row_has_the_command_the_figures_and_the_speed(tmp_path, monkeypatch):
    stored(tmp_path, slow=0.12345, fast=512.4)
    headlines = (
        Headline("bits", Source("slow", *ONE), ".12"),
        Headline("x", Source("fast", *ONE), ""),
    )
    monkeypatch.setattr(papers, "PAPERS", (paper("--voice net", *headlines), paper("")))
    assert papers.table(tmp_path).splitlines()[2:] == [
        (
            "| [net](benchmarks/results/page.md), A & B 1999 | `perpetuum play --voice net` |"
            " bits **0.123** (.12); x **512** | 512 |"
        ),
        "| [net](benchmarks/results/page.md), A & B 1999 | `perpetuum play` |  | 512 |",
    ]


def test_a_missing_figure_raises(tmp_path):
    stored(tmp_path, slow=1)
    with pytest.raises(LookupError, match=r"slow\.json has no loss of other, test"):
        Source("slow", "other", "test", "loss").read(tmp_path)


def test_every_figure_of_the_readme_is_one_of_the_results():
    text = tables.README.read_text(encoding="utf-8")
    assert tables.fill(text) == text
