"""Recognition of styles: a classifier of real tunes, applied to composed tunes.

The classifier learns from real tunes that the voice was not trained on (`style_features` has its
inputs) and is chosen by cross-validation in which variants of a tune stay together. Then it
classifies tunes composed in each style, blends of each two styles in eleven steps, and walks from
one style to the next and back.

Real tunes are in the form that the voice was trained on, as they are played. Composed tunes are the
lead alone, without companions, as they sound. No input tells key, register or tempo.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.base import ClassifierMixin, clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import script
from benchmarks.music.corpora import as_played
from benchmarks.music.style_curves import WALK, Curve, draw
from benchmarks.music.style_features import Floats, table
from benchmarks.music.tunes import Tune, played
from benchmarks.record import RESULTS, Record, publish
from export.corpus.dataset import split_of
from stream.compose.composer import Composer
from stream.compose.melody.vocabulary import encode
from stream.compose.tunes.tune import Melody
from stream.config.settings import DEFAULT_VOICE
from stream.ensembles.ensemble import SOLO
from stream.music.note import Blend, Controls
from stream.voices.spec import find_voice, read_spec

NAME = "styles"
STYLES = ("folk", "hymn", "bach", "jazz")
STEPS = 11
FOLDS = 5
CLASSIFIERS: dict[str, ClassifierMixin] = {
    **{
        f"logistic regression, C = {c:g}": make_pipeline(
            StandardScaler(), LogisticRegression(C=c, max_iter=5000, class_weight="balanced")
        )
        for c in (0.03, 0.1, 0.3)
    },
    "linear discriminant analysis": make_pipeline(
        StandardScaler(),
        LinearDiscriminantAnalysis(
            solver="lsqr", shrinkage="auto", priors=[1 / len(STYLES)] * len(STYLES)
        ),
    ),
    "gradient boosting": HistGradientBoostingClassifier(class_weight="balanced", random_state=0),
}

Names = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class StyleClassifier:
    """The chosen classifier, trained on all the real tunes."""

    name: str
    model: ClassifierMixin
    truth: Names
    """Style of each real tune, [n]."""
    predicted: Names
    """Predicted style in cross-validation, [n]."""
    shares: dict[str, float]
    """Share recognized, as a mean over the styles, by each tried classifier."""

    def probabilities(self, tunes: Sequence[NDArray[np.int64]]) -> Floats:
        """Return probabilities [n, styles], in the order of `STYLES`, of tokens [events, 3]."""
        order = [list(self.model.classes_).index(style) for style in STYLES]
        return np.asarray(self.model.predict_proba(table(tunes))[:, order])


def best_classifier(melodies: Sequence[Melody]) -> StyleClassifier:
    """Return the classifier with the best recognition by style in cross-validation."""
    held = [m for m in melodies if m.style in STYLES and split_of(m) != "train"]
    features, truth = table([m.tokens for m in held]), np.array([m.style for m in held])
    groups = np.unique([f"{m.style} {m.group}" for m in held], return_inverse=True)[1]
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    predicted = {
        name: cross_val_predict(clone(model), features, truth, groups=groups, cv=folds)
        for name, model in CLASSIFIERS.items()
    }
    shares = {name: float(balanced_accuracy_score(truth, p)) for name, p in predicted.items()}
    best = max(shares, key=lambda name: shares[name])
    model = clone(CLASSIFIERS[best]).fit(features, truth)
    return StyleClassifier(best, model, truth, predicted[best], shares)


def blend(first: str, second: str, step: int) -> Blend:
    """Return the blend of a step: step 0 is the first style alone, the last step the second."""
    weight = step / (STEPS - 1)
    return tuple((name, w) for name, w in ((first, 1 - weight), (second, weight)) if w > 0)


def composed(args: argparse.Namespace, style: Blend) -> list[Tune]:
    """Return tunes of a stream with one style blend. All blends have the same seed."""
    controls = Controls(style=(style,), ensemble=SOLO, candidates=args.candidates)
    return list(islice(played(Composer(args.voice), args.seed, controls), args.tunes))


def confusion(truth: Names, predicted: Names) -> NDArray[np.int64]:
    """Return the number of tunes by true and predicted style, [styles, styles]."""
    return np.array(
        [[int(((truth == a) & (predicted == b)).sum()) for b in STYLES] for a in STYLES]
    )


def recognition(system: str, matrix: NDArray[np.int64], goal: str | None) -> list[Record]:
    """Return the recognized share of each style and of all, with the predictions of the rest."""
    found = []
    for style, row in zip(STYLES, matrix, strict=True):
        taken = ", ".join(f"{s} {n}" for s, n in zip(STYLES, row, strict=True) if n)
        share = float(row[STYLES.index(style)] / row.sum())
        found.append(
            Record(system, f"{style}: taken for {taken}", "recognised", "", share, None,
                   int(row.sum()), goal)
        )  # fmt: skip
    each = float(np.mean(matrix.diagonal() / matrix.sum(1)))
    every, tunes = float(matrix.trace() / matrix.sum()), int(matrix.sum())
    return [
        *found,
        Record(system, "all styles", "recognised, mean of the styles", "", each, None, tunes, goal),
        Record(system, "all tunes", "recognised", "", every, None, tunes, goal),
    ]


def curves(
    args: argparse.Namespace, classifier: StyleClassifier, pure: dict[str, Floats]
) -> list[Curve]:
    """Return a blend of each two styles; its ends are the tunes in the pure styles."""
    found = []
    for first, second in combinations(STYLES, 2):
        steps = [pure[first]]
        for step in range(1, STEPS - 1):
            tunes = composed(args, blend(first, second, step))
            steps.append(classifier.probabilities([t.tokens for t in tunes]))
        steps.append(pure[second])
        found.append(curve(first, second, [s[:, STYLES.index(second)] for s in steps]))
    return found


def curve(first: str, second: str, steps: Sequence[Floats]) -> Curve:
    """Return the curve of the probabilities [n] of each step."""
    errors = [float(np.std(s, ddof=1) / np.sqrt(len(s))) if len(s) > 1 else 0.0 for s in steps]
    return Curve(first, second, np.array([s.mean() for s in steps]), np.array(errors))


def walk(
    args: argparse.Namespace, classifier: StyleClassifier, first: str, second: str
) -> tuple[Curve, int, int]:
    """Return a walk from one style to the other and back, phrase by phrase, over several streams.

    Also return the number of phrases that end off the bar line, and of all counted phrases.
    """
    places = ((first, 1.0),), ((second, 1.0),)
    controls = Controls(style=places, walk=WALK, ensemble=SOLO, candidates=args.candidates)
    phrases: list[list[NDArray[np.int64]]] = [[] for _ in range(2 * WALK)]
    broken = counted = 0
    for seed in range(args.walks):
        for tune in played(Composer(args.voice), args.seed + seed, controls):
            if tune.phrases[0].index >= 2 * WALK:
                break
            broken, counted = broken + tune.broken_bars(), counted + len(tune.phrases) - 1
            for phrase in tune.phrases:
                tokens = np.array(encode(phrase.notes, tune.unit), np.int64)
                if phrase.index < 2 * WALK and len(phrase.notes) > 2:
                    phrases[phrase.index].append(tokens)
    second_style = [classifier.probabilities(p)[:, STYLES.index(second)] for p in phrases]
    return curve(first, second, second_style), broken, counted


def records(
    classifier: StyleClassifier, matrix: NDArray[np.int64], blends: Sequence[Curve], tunes: int
) -> list[Record]:
    """Return all records but those of the walk."""
    where, n = "real tunes, cross-validated", len(classifier.truth)
    found = [
        Record(name, where, "recognised, mean of the styles", "", share, None, n)
        for name, share in classifier.shares.items()
    ]
    found += recognition(
        f"real tunes, {classifier.name}", confusion(classifier.truth, classifier.predicted), None
    )
    found += recognition("composed tunes", matrix, "at least 0.85")
    for each in blends:
        ends = f"from {each.means[0]:.2f} to {each.means[-1]:.2f}"
        found.append(
            Record("blends", f"{each.first} to {each.second}, {tunes} tunes a step",
                   f"Spearman of step and mean probability ({ends})", "", each.rank, None, STEPS,
                   "at least 0.9")
        )  # fmt: skip
    return found


def _arguments() -> argparse.Namespace:
    parser = script.corpus_parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--tunes", type=int, default=200, help="tunes for each style and step")
    parser.add_argument(
        "--walks", type=int, default=40, help="streams that walk from style to style"
    )
    parser.add_argument("--candidates", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    args = _arguments()
    classifier = best_classifier(as_played(args.corpus, read_spec(args.voice)))
    pure = {
        style: classifier.probabilities([t.tokens for t in composed(args, ((style, 1.0),))])
        for style in STYLES
    }
    truth = np.repeat(STYLES, [len(p) for p in pure.values()])
    predicted = np.array(STYLES)[np.concatenate(list(pure.values())).argmax(1)]
    blends = curves(args, classifier, pure)
    walked, broken, counted = walk(args, classifier, "folk", "jazz")
    draw(blends, walked, RESULTS / f"{NAME}.png")
    first_half = walked.means[: WALK + 1]
    rank = float(spearmanr(range(len(first_half)), first_half).statistic)
    found = records(classifier, confusion(truth, predicted), blends, args.tunes)
    where = f"folk to jazz over {WALK} phrases, {args.walks} streams"
    off = "phrases that end off the bar line"
    found += [
        Record("walk", where, "Spearman of phrase and mean probability", "", rank, n=WALK + 1),
        Record("walk", where, off, "", broken / max(counted, 1), n=counted),
    ]
    publish(NAME, found)


if __name__ == "__main__":
    main()
