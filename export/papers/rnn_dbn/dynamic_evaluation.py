"""Dynamic evaluation: the model goes on learning from the piece it plays, and forgets it after.

Each chunk is scored before a step of gradient descent is taken on it (Mikolov et al. 2010), so the
likelihood stays exact and causal; but the state is then the weights themselves, which no voice
carries: such figures are reported apart.
`python -m export.papers.rnn_dbn.dynamic_evaluation runs/x/best.npz --set jsb=PATH --rate 0.05`
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from export.corpus.rolls import SPLITS, Roll, load_rolls
from export.models.polyphony.frame_model import Exact
from export.rolls.batches import Piece, chunked
from export.rolls.evaluate import from_state
from export.training import checkpoint
from export.training.kinds import FRAMES
from stream.errors import SettingsError, StreamError

RATE = 0.05
"""Of gradient descent."""
LENGTH = 16
"""Frames of a chunk."""


def nats_per_frame(
    model: Exact, rolls: Sequence[Roll], *, rate: float, length: int, column: int = 0
) -> float:
    """Mean log-likelihood of a frame, every piece from the weights as they are."""
    learnt = {name: weight.clone() for name, weight in model.state_dict().items()}
    sets, total = max(len(model.config.sets), 1), 0.0
    for roll in rolls:
        model.load_state_dict(learnt)
        optimiser = torch.optim.SGD(model.parameters(), lr=rate)
        state = None
        for batch in chunked([Piece(roll, column)], rows=1, length=length, sets=sets):
            state = from_state(model, batch, state)
            nats, state = model.log_likelihood(batch.v, batch.mask, state)
            total += float(nats.detach().sum(dtype=torch.float64))
            optimiser.zero_grad(set_to_none=True)
            (-nats.mean()).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
    model.load_state_dict(learnt)
    return total / sum(map(len, rolls))


def main(argv: list[str] | None = None) -> int:
    """One JSON line for each set."""
    parser = argparse.ArgumentParser(
        prog="python -m export.papers.rnn_dbn.dynamic_evaluation", description=__doc__
    )
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT.npz")
    parser.add_argument("--set", action="append", required=True, metavar="NAME=PATH", dest="sets")
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--rate", type=float, default=RATE, help="of gradient descent")
    parser.add_argument("--length", type=int, default=LENGTH, help="frames of a chunk")
    args = parser.parse_args(argv)
    try:
        trained, model = checkpoint.load_model(args.checkpoint, FRAMES)
        if not isinstance(model, Exact):
            raise SettingsError(
                f"{args.checkpoint}: a {trained.kind} has no exact likelihood to adapt to"
            )
        for found in load_rolls(args.sets):
            column = model.config.column(found.name)
            nats = nats_per_frame(
                model, found.split(args.split), rate=args.rate, length=args.length, column=column
            )
            line = {
                "model": trained.kind, "set": found.name, "split": args.split,
                "measure": "log_likelihood_exact_adapted", "nats": round(nats, 4),
                "rate": args.rate, "length": args.length,
            }  # fmt: skip
            print(json.dumps(line), flush=True)
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
