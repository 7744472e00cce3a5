"""Kinds of nets of the melody LSTM, for checkpoints."""

from __future__ import annotations

from export.papers.melody_lstm.tune_model import TuneConfig, TuneModel
from export.papers.melody_lstm.window_model import WindowModel, WindowPlan
from export.training.kinds import Kind, Kinds

NETS: Kinds = {"window": Kind(WindowPlan, WindowModel), "tune": Kind(TuneConfig, TuneModel)}
