"""Tunes made by chance that use every corner of ABC in which a reader may lose its way.

All bars are as long as the meter says, since readers differ in what they make of others.
"""

import random
from fractions import Fraction

METERS = {
    "4/4": Fraction(1), "C": Fraction(1), "3/4": Fraction(3, 4), "6/8": Fraction(3, 4),
    "2/4": Fraction(1, 2), "C|": Fraction(1), "9/8": Fraction(9, 8), "5/4": Fraction(5, 4),
}  # fmt: skip
KEYS = [
    "C", "G", "D", "A", "E", "F", "Bb", "Eb", "Ab", "F#", "Gb", "Am", "Em", "F#m", "Dmin", "Gm",
    "C#", "Ddor", "A Dorian", "Gmix", "AMixolydian", "Flyd", "Ephr", "Bloc", "Caeo", "Gion", "HP",
    "none", "D=c", "Dm^c", "D =c", "G ^c _b", "Gmix^f", "D exp _b _e ^f",
]  # fmt: skip
CLEFS = ["", " clef=bass", " treble", " bass", " alto"]
MOVES = [
    "",
    " octave=1",
    " octave=-1",
    " transpose=-2",
    " transpose=3",
    " shift=CD",
    " sound=CB,",
    " treble-8",
    " clef=treble+8",
]
BLOCKS = [
    "%%begintext\nX:99 A page about C and G\nK:Ab\n%%endtext",
    "%%beginps\n/deco { gsave } def\nA B c\n%%endps",
    "% a comment | with : bars |",
    "N:a note on it |: all :|",
    "w:la la~la - la",
    "%%vskip 3",
]


class Writer:
    """Writes one tune after another."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.unit = Fraction(1, 8)
        self.bar = Fraction(1)
        self.clefs = []

    def chance(self, share):
        return self.dice.random() < share

    def one_of(self, choices):
        return self.dice.choice(choices)

    def tune(self, number):
        meter = self.one_of([*METERS])
        self.bar = METERS[meter]
        self.unit = Fraction(1, 16) if self.bar < Fraction(3, 4) else Fraction(1, 8)
        lines = [f"X:{number}", f"T:Tune {number}", f"M:{meter}", "%%MIDI chordattack 0"]
        if self.chance(0.6):
            lines.append(self.length_field())
        parts = self.chance(0.15)
        if parts:
            lines.append(f"P:{self.one_of(['AB', 'AABB', 'A2B', '(AB)2A', 'BA', 'A(BA)2'])}")
        voices = not parts and self.chance(0.2)
        if voices:
            lines += [f"V:1{self.one_of(MOVES)}", f"V:2{self.one_of(MOVES)}"]
        if self.chance(0.1):
            lines.append(self.one_of(BLOCKS[:3]))
        # Where a clef moves by an octave and `octave` does too, readers disagree.
        word = self.one_of(CLEFS if voices or self.chance(0.5) else MOVES)
        # To abc2midi a clef in the music does not end the octave of the one before.
        self.clefs = ["middle=d"] if word[-2:] in ("-8", "+8") else ["bass", "perc", "clef=alto"]
        lines.append(f"K:{self.one_of(KEYS)}{word}")
        if voices:
            lines += self.voices()
        elif parts:
            lines += ["P:A", *self.section(), "P:B", *self.section()]
        else:
            lines += [line for _ in range(self.one_of([1, 1, 2])) for line in self.section()]
        return "\n".join(lines) + "\n"

    def length_field(self):
        self.unit = self.one_of([Fraction(1, 4), Fraction(1, 8), Fraction(1, 16)])
        return f"L:{self.unit}"

    def voices(self):
        unit = self.unit
        for _ in range(2):
            for voice in ("1", "2"):
                self.unit = unit
                inline = self.chance(0.5)
                music = self.bars(2, changes=False)
                yield f"[V:{voice}] {music} |" if inline else f"V:{voice}\n{music} |"

    def section(self):
        """A stretch of bars: repeated, with endings, or once."""
        kind = self.one_of(["once", "repeat", "double", "endings", "endings", "apart"])
        count = self.one_of([1, 2])
        body = self.bars(count)
        if kind == "once":
            yield f"{body} {self.one_of(['|', '||', '|]'])}"
        elif kind == "repeat":
            yield f"|: {body} :|"
        elif kind == "double":
            yield f"|: {body} :: {self.bars(2)} :|"
        else:
            one, two = ("|1 ", ":|2 ") if kind == "endings" else ("| [1 ", ":| [2 ")
            yield f"|: {body} {one}{self.bars(1)} {two}{self.bars(1)} |]"
        if self.chance(0.2):
            yield self.one_of(BLOCKS)

    def bars(self, count, *, changes=True):
        return self.one_of([" | ", "|", " |\n", " | \\\n"]).join(
            self.measure(changes=changes) for _ in range(count)
        )

    def measure(self, *, changes):
        fields = ""
        if changes and self.chance(0.1):
            fields += f"[K:{self.one_of(KEYS[:-1])}]"
        if changes and self.chance(0.05):
            fields += f"[K:{self.one_of(self.clefs)}]"
        if changes and self.chance(0.1):
            fields += f"[{self.length_field()}]"
        if changes and self.chance(0.1):
            meter = self.one_of([*METERS])
            self.bar = METERS[meter]
            fields += f"[M:{meter}]"
        if self.chance(0.03):
            return f"{fields}{self.one_of('ZX')}"
        if self.chance(0.1):
            return f"{fields}{self.across_the_line()}"
        music = self.fill(self.bar)
        if changes and self.chance(0.06):
            music += f" & {self.fill(self.bar)}"
        return f"{fields}{music}"

    def across_the_line(self):
        """Two bars; a note lasts from the first into the second."""
        size = self.size(Fraction(1, 8))
        head = self.note()
        rest = self.bar - Fraction(1, 8)
        line = self.one_of(["|", "|\n", " | \\\n"])
        before, after = self.fill(rest), self.fill(rest)
        return f"{before} {head}{size}-{line}{head.lstrip('^_=')}{size} {after}"

    def fill(self, left):
        """Music of that length, in eighths and what they are made of."""
        written = []
        while left:
            length, text = self.group(left)
            left -= length
            written.append(text)
        return self.one_of(["", " "]).join(written)

    def group(self, left):
        """Some notes that fit into what is left of the bar."""
        eighth = Fraction(1, 8)
        kinds = [
            (1, self.plain), (1, self.grace), (1, self.rest), (1, self.chord), (2, self.pair),
            (2, self.triplet), (2, self.tied), (3, self.duplet), (2, self.quintuplet),
            (2, self.long),
        ]  # fmt: skip
        size, kind = self.one_of([k for k in kinds if k[0] * eighth <= left])
        return size * eighth, kind()

    def size(self, length):
        """A length as ABC writes it."""
        count = length / self.unit
        if count == 1:
            return ""
        if count == Fraction(1, 2):
            return self.one_of(["/", "/2"])
        return str(count)

    def note(self):
        sign = self.one_of(["", "", "", "", "", "^", "_", "=", "^^", "__"])
        letter = self.one_of("CDEFGABcdefgab")
        marks = self.one_of(["", "", "", "", ",", "'"])
        return f"{sign}{letter}{marks}"

    def plain(self):
        before = self.one_of(["", "", "", "", '"^up"', "!f!", "+p+", "(", "y", "[r:so]"])
        if before == "(":
            size = self.size(Fraction(1, 16))
            return f"({self.note()}{size}{self.note()}{size})"
        return f"{before}{self.note()}{self.size(Fraction(1, 8))}"

    def long(self):
        return f"{self.note()}{self.size(Fraction(1, 4))}"

    def rest(self):
        return f"{self.one_of('zx')}{self.size(Fraction(1, 8))}"

    def chord(self):
        heads = "".join(self.note() for _ in range(self.one_of([2, 3])))
        return f"[{heads}]{self.size(Fraction(1, 8))}"

    def grace(self):
        return f"{{{self.one_of(['', '/'])}{self.note()}{self.note()}}}{self.plain()}"

    def one(self):
        """A note, a chord or a rest, without its length."""
        kind = self.one_of(["note"] * 5 + ["chord", "unison", "rest"])
        if kind == "rest":
            return "z"
        return (
            self.note()
            if kind == "note"
            else f"[{self.note()}{self.note()}]"
            if kind == "chord"
            else "[GG]"
        )

    def pair(self):
        size = self.size(Fraction(1, 8))
        sign = self.one_of([">", "<", ">>", " > ", "<<", ">>>"])
        return f"{self.one()}{size}{sign}{self.one()}{size}"

    def triplet(self):
        size = self.size(Fraction(1, 8))
        head = self.one_of(["(3", "(3:2", "(3:2:3", "(3::3", "(3::"])
        return head + "".join(f"{self.one()}{size}" for _ in range(3))

    def duplet(self):
        size = self.size(Fraction(1, 8))
        return f"{self.one_of(['(2', '(2:3:2'])}{self.note()}{size}{self.note()}{size}"

    def quintuplet(self):
        size = self.size(Fraction(1, 16))
        return "(5:4:5" + "".join(f"{self.note()}{size}" for _ in range(5))

    def tied(self):
        size = self.size(Fraction(1, 8))
        head = self.note()
        return f"{head}{size}-{head.lstrip('^_=')}{size}"
