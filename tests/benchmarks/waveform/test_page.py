"""The page of waveforms, and the verdicts on the claims."""

from benchmarks.waveform import page, verdicts
from benchmarks.waveform.systems import OURS, STYLES, SYSTEMS, TITLES

FACTS = {"dev": 0.5, "ahead": 9.0, "ahead_shape": 8.0, "free": 11.0, "free_shape": 10.0,
         "free_mean": 11.0, "free_mean_shape": 10.0,
         "flatness": 0.1, "out_of_band": 0.2, "sameness": 1.0}  # fmt: skip


def found(**ours):
    runs = {(s.title, style): [FACTS, FACTS] for style in STYLES for s in SYSTEMS.values()}
    return runs | {(TITLES[OURS], style): [{**FACTS, **ours}] for style in STYLES}


def test_a_goal_holds_only_where_ours_is_nearer():
    verdict = dict(verdicts.verdicts(found(ahead=6.0, free=12.0), {}))
    prefix = "ours is nearer to real sound than LSTM and GRU, "
    assert verdict[prefix + "one block ahead"] == (
        "band yes (6.00 and 9.00 dB); electronic yes (6.00 and 9.00 dB)"
    )
    assert verdict[prefix + "free"].startswith("band no (12.00 and 11.00 dB)")


def test_equal_errors_do_not_win_and_a_curve_has_to_fall_throughout():
    verdict = dict(
        verdicts.verdicts(found(), {"LSTM": {32: 0.9, 64: 0.8}, "GRU": {32: 0.8, 64: 0.9}})
    )
    assert verdict["the LSTM has less dev error than a GRU as wide"].startswith(
        "band no (0.5 and 0.5"
    )
    assert verdict["LSTM: more units, less dev error"] == "yes: H 32: 0.9000, H 64: 0.8000"
    assert verdict["GRU: more units, less dev error"].startswith("no")


def test_the_page_has_a_table_for_each_style_and_all_figures():
    records = page.records(found(quietest=-30.0))
    text = page.text(
        records, [("a claim", "yes")], "16 to train on", "python -m benchmarks.waveform"
    )
    rows = [line for line in text.splitlines() if line.startswith("| LSTM |")]
    assert (
        rows[0]
        == "| LSTM | 0.5 ± 0 | 9 ± 0 | 8 ± 0 | 11 ± 0 | 10 ± 0 | 0.1 ± 0 | 0.2 ± 0 | 1 ± 0 |"
    )
    assert len(rows) == len(STYLES) + len(STYLES) * len(FACTS)
    assert "| a claim | yes |" in text
    assert "| partials and noise (ours) | band | endless: the quietest second | -30 dB |" in text
