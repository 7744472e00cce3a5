"""Dynamic evaluation: the model learns from the piece while it is scored, and is reset after it.

    score chunk c with weights w_c,  w_(c+1) = w_c - rate * d(-mean ln P(chunk c)) / dw

Each chunk is scored before a step of gradient descent is taken on it (Mikolov et al. 2010), so the
likelihood stays exact and causal. The state is then the weights themselves, which a voice cannot
carry: such figures are reported apart.
`python -m export.papers.rnn_dbn.dynamic_evaluation runs/x/best.npz --set jsb=PATH --rate 0.05`
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from export.command_line import print_lines, run
from export.corpus.rolls import Roll, load_rolls
from export.models.polyphony.frame_model import Exact
from export.rolls.batches import Piece, chunked
from export.rolls.evaluate import from_state, parser_of
from export.training import checkpoint
from export.training.kinds import FRAMES
from stream.errors import SettingsError

RATE = 0.05
"""Learning rate of the gradient descent."""
LENGTH = 16
"""Frames of a chunk."""


def nats_per_frame(
    model: Exact, rolls: Sequence[Roll], *, rate: float, length: int, column: int = 0
) -> float:
    """Return the mean log-likelihood of a frame; every piece starts from the model's weights."""
    trained = {name: weight.clone() for name, weight in model.state_dict().items()}
    sets, total = max(len(model.config.sets), 1), 0.0
    for roll in rolls:
        model.load_state_dict(trained)
        optimizer = torch.optim.SGD(model.parameters(), lr=rate)
        state = None
        for batch in chunked([Piece(roll, column)], rows=1, length=length, sets=sets):
            state = from_state(model, batch, state)
            nats, state = model.log_likelihood(batch.v, batch.mask, state)
            total += float(nats.detach().sum(dtype=torch.float64))
            optimizer.zero_grad(set_to_none=True)
            (-nats.mean()).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    model.load_state_dict(trained)
    return total / sum(map(len, rolls))


def main(argv: list[str] | None = None) -> int:
    """Print a line of JSON for each set; exit code 2 after an error."""
    parser = parser_of("export.papers.rnn_dbn.dynamic_evaluation", __doc__)
    parser.add_argument("--rate", type=float, default=RATE, help="rate of the gradient descent")
    parser.add_argument("--length", type=int, default=LENGTH, help="frames of a chunk")
    args = parser.parse_args(argv)
    return run(lambda: print_lines(_lines(args)))


def _lines(args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    trained, model = checkpoint.load_model(args.checkpoint, FRAMES)
    if not isinstance(model, Exact):
        raise SettingsError(
            f"{args.checkpoint}: model {trained.kind} has no exact likelihood; give one that has"
        )
    for found in load_rolls(args.sets):
        column = model.config.column(found.name)
        nats = nats_per_frame(
            model, found.split(args.split), rate=args.rate, length=args.length, column=column
        )
        yield {
            "model": trained.kind, "set": found.name, "split": args.split,
            "measure": "log_likelihood_exact_adapted", "nats": round(nats, 4),
            "rate": args.rate, "length": args.length,
        }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
