"""ABC files of made-up tunes, in two strains of eight bars."""

import random

LENGTH = 8
HEAD = "X:{number}\nT:{title}\nM:{meter}\nL:1/8\nR:{rhythm}\nQ:1/4=90\nK:{key}\n"


def tune(seed, meter="6/8", rhythm="jig", key="D", bars=8):
    """The text of a tune of two strains."""
    rng = random.Random(seed)
    notes = int(meter[0]) if meter.endswith("8") else 2 * int(meter[0])
    at = 4
    strains = []
    for _ in range(2):
        written = []
        for _ in range(bars):
            bar = ""
            for _ in range(notes):
                at = min(max(at + rng.choice((-2, -1, 1, 2)), 0), 9)
                bar += "DEFGABcdef"[at]
            written.append(bar)
        strains.append("|:" + "|".join(written) + ":|")
    head = HEAD.format(number=1, title=f"Tune {seed}", meter=meter, rhythm=rhythm, key=key)
    return head + "\n".join(strains) + "\n"


def write(folder, count, **options):
    """Write so many files, and return their paths."""
    folder.mkdir(exist_ok=True)
    paths = []
    for seed in range(count):
        path = folder / f"{seed}.abc"
        path.write_text(tune(seed, **options), encoding="utf-8")
        paths.append(path)
    return paths
