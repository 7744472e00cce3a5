"""Published figures that are higher, and the reason why each is or is not comparable."""

from __future__ import annotations

from benchmarks.record import markdown

TITLE = """## Other published figures

Nats per frame of the test splits, as published. *Best known* above leaves out those that are no
likelihoods of a causal model of the frames alone."""
HEADS = ("model", "JSB", "Nottingham", "MuseData", "Piano-midi.de", "comparable?")
ROWS = (
    ("DBN-LSTM, Vohra, Goel & Sahoo 2015", "-3.47", "-1.32", "-3.91", "-4.63",
     "no: the measure is unnamed, and the program of the same authors prints the monitor"),
    ("NASMC, Gu, Ghahramani & Turner 2015", "-3.99", "-2.72", "-6.89", "-7.61",
     "with care: a Monte Carlo estimate, no bound and no exact likelihood"),
    ("SRNN, Fraccaro et al. 2016", "-4.74", "-2.94", "-6.28", "-8.20",
     "yes, against ours: a lower bound, so the model may be better than its figure"),
    ("RNN-NADE, Boulanger-Lewandowski et al. 2012", "-5.19", "-2.31", "-5.60", "-7.05",
     "yes: exact and causal; that of JSB is on the authors' page"),
    ("TP-LSTM-NADE, Johnson 2017", "-5.88", "-1.61", "-4.32", "-5.44",
     "exact, but the place in the bar is given"),
    ("BALSTM, Johnson 2017", "-5.86", "-1.66", "-4.41", "-4.89",
     "exact, but the place in the bar is given"),
    ("LSTM on notes, Walder 2016", "-", "-", "-", "-",
     "no: the rhythm of the piece is given to the model, which scores the pitches alone"),
)  # fmt: skip


def section() -> str:
    """Return the section in Markdown."""
    return f"{TITLE}\n\n{markdown(HEADS, ROWS)}"
