"""Verdicts on the paper's claims and on our own goal, decided by the figures alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean

from benchmarks.record import figure
from benchmarks.waveform.systems import OURS, STYLES, TITLES

Found = Mapping[tuple[str, str], Sequence[Mapping[str, float]]]
LSTM, WIDE, EQUAL = TITLES["lstm"], TITLES["gru"], TITLES["gru-equal"]


def verdicts(found: Found, curve: Mapping[str, Mapping[int, float]]) -> list[tuple[str, str]]:
    """Return the claims, each with its verdict."""
    rows = [
        _less(found, key, (LSTM, other), claim)
        for key, other, claim in (
            ("dev", WIDE, "the LSTM has less dev error than a GRU as wide"),
            ("dev", EQUAL, "the LSTM has less dev error than a GRU as large"),
            ("flatness", WIDE, "the GRU's generations are nearer to white noise"),
            ("out_of_band", WIDE, "the GRU's generations have more energy out of the band"),
        )
    ]
    band, electronic = (_mean(found, LSTM, style, "dev") for style in STYLES)
    rows.append(
        ("the dense corpus has more dev error than the clean one",
         f"{_holds(electronic < band)}: {figure(band)} and {figure(electronic)}")
    )  # fmt: skip
    for cell, points in curve.items():
        values = [points[width] for width in sorted(points)]
        falls = all(b < a for a, b in pairwise(values))
        errors = ", ".join(f"H {w}: {points[w]:.4f}" for w in sorted(points))
        rows.append((f"{cell}: more units, less dev error", f"{_holds(falls)}: {errors}"))
    return rows + _goal(found)


def _goal(found: Found) -> list[tuple[str, str]]:
    """Return the verdicts on our goal: to be nearer to held-out sound than both cells."""
    ours, rows = TITLES[OURS], []
    for own_key, key, words in (
        ("ahead", "ahead", "one block ahead"),
        ("ahead_shape", "ahead_shape", "one block ahead, level left out"),
        ("free", "free", "free"), ("free_shape", "free_shape", "free, level left out"),
        ("free_mean", "free", "free, what it expects"),
        ("free_mean_shape", "free_shape", "free, what it expects, level left out"),
    ):  # fmt: skip
        verdict = []
        for style in STYLES:
            own = _mean(found, ours, style, own_key)
            other = min(_mean(found, title, style, key) for title in (LSTM, WIDE, EQUAL))
            verdict.append(f"{style} {_holds(own < other)} ({own:.2f} and {other:.2f} dB)")
        rows.append(
            (f"ours is nearer to real sound than LSTM and GRU, {words}", "; ".join(verdict))
        )
    return rows


def _less(found: Found, key: str, titles: tuple[str, str], claim: str) -> tuple[str, str]:
    verdict = []
    for style in STYLES:
        one, other = ([run[key] for run in found[title, style]] for title in titles)
        apart = max(one) < min(other) or max(other) < min(one)
        doubt = "" if apart else ", within what seeds differ by"
        sure = doubt if len(one) > 1 else ", one seed"
        verdict.append(
            f"{style} {_holds(fmean(one) < fmean(other))} "
            f"({fmean(one):.4g} and {fmean(other):.4g}{sure})"
        )
    return claim, "; ".join(verdict)


def _mean(found: Found, title: str, style: str, key: str) -> float:
    return fmean(run[key] for run in found[title, style])


def _holds(so: bool) -> str:  # noqa: FBT001 -- the value to show
    return "yes" if so else "no"
