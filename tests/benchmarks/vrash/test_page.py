"""Verdicts and page from made-up records."""

import pytest

from benchmarks.record import Record
from benchmarks.vrash import likelihood as ce
from benchmarks.vrash import memory as mi
from benchmarks.vrash import page
from benchmarks.vrash import reasons as why
from benchmarks.vrash import repetition as rep
from benchmarks.vrash.verdicts import FAILS, HOLDS, OPEN, Difference, verdicts


def bits(system, value, sd=0.01, where=ce.TEST, measure=ce.RECONSTRUCTION):
    return Record(system, where, measure, "bits/note", value, sd, 3)


def memory(system, value, style="jazz", measure=mi.AREA):
    return [
        Record(system, f"{style}, pitch class", measure, "", value, 0.1, 500),
        Record(system, f"{style}, by seed", measure, "", value, 0.1, 3),
    ]


def outcome(records, claim):
    (found,) = [v.outcome for v in verdicts(records) if v.claim == claim]
    return found


@pytest.mark.parametrize(
    ("difference", "verdict"),
    [
        (Difference(1.0, 0.1), HOLDS),
        (Difference(-1.0, 0.1), FAILS),
        (Difference(0.19, 0.1), OPEN),
        (Difference(0.2, 0.1), HOLDS),
        (Difference(0.2, 0.1, freedom=4), OPEN),
        (Difference(1.0, float("inf")), OPEN),
        (Difference(0.0, 0.0), OPEN),
    ],
)
def test_a_difference_is_decided_when_chance_does_not_make_it(difference, verdict):
    assert difference.verdict == verdict


@pytest.mark.parametrize(
    ("lm", "sd", "verdict"),
    [(3.4, 0.01, HOLDS), (3.2, 0.01, FAILS), (3.4, 0.2, OPEN), (3.4, None, OPEN)],
)
def test_the_order_is_judged_over_seeds(lm, sd, verdict):
    records = [bits("VRASH", 3.3, sd), bits("LM", lm, sd)]
    assert outcome(records, "cross-entropy: VRASH at most LM") == verdict
    assert outcome(records, "cross-entropy: LM below VAE") == OPEN


def test_repetition_is_judged():
    records = [
        bits("LM", 0.2, 0.001, rep.ALL, rep.REPEATS), bits("VAE", 0.1, 0.001, rep.ALL, rep.REPEATS),
        bits("VRASH", 0.3, 0.001, rep.ALL, rep.REPEATS),
    ]  # fmt: skip
    assert outcome(records, "note repeated: more in LM than in VAE") == HOLDS
    assert outcome(records, "note repeated: more in LM than in VRASH") == FAILS


def test_memory_is_judged_style_by_style():
    styles = {"folk": (5.0, 1.0, 4.0), "jazz": (5.0, 4.0, 1.0), "bach": (5.0, 4.0, 4.0)}
    records = [
        r
        for style, values in styles.items()
        for system, value in zip(("real", "LM", "VRASH"), values, strict=True)
        for r in memory(system, value, style)
    ]
    expected = "holds in folk; does not hold in jazz; not decided in bach"
    assert outcome(records, "area under I(d): larger in VRASH than in LM") == expected
    assert outcome(records, "area under I(d): VRASH closer to real than LM") == expected


def test_more_than_the_real_figure_is_not_closer_to_it():
    records = [*memory("real", 3.0), *memory("LM", 2.9), *memory("VRASH", 6.0)]
    assert outcome(records, "area under I(d): larger in VRASH than in LM") == "holds in jazz"
    closer = outcome(records, "area under I(d): VRASH closer to real than LM")
    assert closer == "does not hold in jazz"


def test_any_change_by_the_filter_counts():
    for value in (1.0, 5.0):
        records = [*memory("VRASH", 3.0), *memory("VRASH, filtered", value)]
        assert outcome(records, "the filter changes the area under I(d)") == "holds in jazz"


def test_the_page_is_made_of_the_records():
    records = [
        Record("real", ce.TEST, ce.NOTES, "", 12345),
        bits("VRASH", 3.3), bits("LM", 3.4),
        Record("VRASH", ce.DANCE, ce.RECONSTRUCTION, "bits/note", 3.0, 0.02, 3, "at most 3.10"),
        Record("real", rep.ALL, rep.REPEATS, "", 0.106),
        bits("LM", 0.0948, 0.002, rep.ALL, rep.REPEATS),
        bits("LM", 0.07, 0.002, "jazz", rep.REPEATS), bits("LM", 0.11, 0.002, "bach", rep.REPEATS),
        *memory("real", 5.0), *memory("LM", 3.0), *memory("VRASH", 1.0),
        Record("real", "jazz, pitch class", mi.FARTHEST, "notes", 96),
        Record("VRASH, filtered", "jazz", mi.REAL_ACCEPTED, "", 0.95),
        Record("VRASH, filtered", "jazz", mi.ACCEPTED, "", 0.9),
        Record("VRASH, filtered", "jazz", mi.FILLED, "", 1.0),
        Record("VRASH", "jazz, " + why.POINTS.format(kind="of a real tune"), mi.AREA, "", 2.5),
        bits("LM", 0.25, 0.01, f"jazz, {why.COOLED}", rep.REPEATS),
    ]  # fmt: skip
    text = page.text(records, "python -m benchmarks.vrash")
    for row in (
        "reconstruction (12,345 notes)",
        "| VRASH |  | 3.30 ± 0.01 |  |  |  |  | 3.00 ± 0.02 | at most 3.10 |",
        "| note repeated | all styles | 0.106 | 0.0948 ± 0.002 |",
        "| jazz (96) | 5.00 ± 0.1 | 3.00 ± 0.1 |  | 1.00 ± 0.1 |  |",
        "| cross-entropy: VRASH at most LM | **holds** | VRASH 3.3 ± 0.01, LM 3.4 ± 0.01 |",
        "| jazz | VRASH, filtered | 0.95 | 0.9 | 1.00 |",
        "varies: LM 0.07 to 0.11. A model",
        "| of a real tune | 2.50 |",
        "| LM | 0.25 ± 0.01 |  |",
        "```sh\npython -m benchmarks.vrash\n```",
    ):
        assert row in text
    assert text.index("## Cross-entropy") < text.index("## Repeated") < text.index("## Memory")
    assert text.index("## What holds") < text.index("[n-gram and variable-order models]")
    assert max(map(len, page.INTRODUCTION.splitlines())) <= 100
