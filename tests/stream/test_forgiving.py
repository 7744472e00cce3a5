"""What people type is understood where it can mean one thing, and else answered with a guess."""

import dataclasses
import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.__main__ import main
from stream.commands.checks import check_style
from stream.config import bounds
from stream.config.part_channels import PARTS, parse_channels
from stream.config.settings import Settings, load, with_changes
from stream.errors import SettingsError, StreamError
from stream.midi_in import mapping, targets
from stream.music.controls import CONTROLS
from stream.music.scale import STEPS, canonical_name, pitch_classes, pitch_of
from stream.play.sinks.spec import sink_of
from stream.profiles import profile
from stream.profiles.fit import control_changes
from stream.profiles.profile import Profile
from stream.setup.recipe import Choices, recipe_of
from stream.util.suggestion import did_you_mean, meant
from stream.util.validate import numeral
from stream.voices.spec import find_voice, shipped_voices

TINY = pathlib.Path(__file__).parents[1] / "data" / "tiny.onnx"
SYNTH = Profile(name="Mine", cc={"cutoff": 74})


def cased(word):
    """The word with any of its letters as capitals."""
    return st.tuples(*(st.sampled_from([c.lower(), c.upper()]) for c in word)).map("".join)


@given(
    st.sampled_from(list(STEPS)), st.sampled_from("CDEFGAB"), st.sampled_from(["", "#"]), st.data()
)
def test_a_scale_is_known_whatever_its_case_and_spaces(mode, key, sign, data):
    typed = data.draw(cased(mode)).replace(" ", data.draw(st.sampled_from([" ", "  ", "-", "_"])))
    gap = data.draw(st.sampled_from([" ", "  ", "-"]))
    typed = f" {data.draw(cased(key))}{sign}{gap}{typed} "
    assert canonical_name(typed) == f"{key}{sign} {mode}"
    assert load(None, {"scale": typed}).scale == canonical_name(typed)
    assert with_changes(Settings().controls, {"scale": typed}).scale == canonical_name(typed)


@pytest.mark.parametrize(
    ("scale", "classes"),
    [
        ("c major", {0, 2, 4, 5, 7, 9, 11}),
        ("bb minor", {10, 0, 1, 3, 5, 6, 8}),
        ("b minor", {11, 1, 2, 4, 6, 7, 9}),
        ("C pentatonic", {0, 2, 4, 7, 9}),
        ("C major pentatonic", {0, 2, 4, 7, 9}),
        ("A minor pentatonic", {9, 0, 2, 4, 7}),
        ("a blues", {9, 0, 2, 3, 4, 7}),
        ("C major blues", {0, 2, 3, 4, 7, 9}),
        ("", set(range(12))),
    ],
)
def test_scales(scale, classes):
    assert pitch_classes(scale) == classes


@given(st.integers(0, 127), st.booleans())
def test_a_pitch_may_be_a_note(pitch, small):
    names = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    name = f"{names[pitch % 12]}{pitch // 12 - 1}"
    name = name[0].lower() + name[1:] if small else name
    assert pitch_of(name) == pitch
    assert load(None, {"low": name}).low == pitch
    assert with_changes(Settings().controls, {"high": name}).high == pitch


@pytest.mark.parametrize("name", ["C10", "C-2", "H3", "C", "G#9"])
def test_a_note_that_there_is_not(name):
    with pytest.raises(SettingsError, match="from 0 to 127, or a note such as C4, which is 60"):
        load(None, {"low": name})


@given(st.data())
def test_names_are_known_whatever_their_case(data):
    voice = data.draw(st.sampled_from(shipped_voices()))
    assert find_voice(data.draw(cased(voice.stem))) == voice
    name = data.draw(st.sampled_from(profile.names()))
    assert profile.load(data.draw(cased(name))) == profile.load(name)
    part = data.draw(st.sampled_from(PARTS))
    assert parse_channels(f"{data.draw(cased(part))}=9") == parse_channels(f"{part}=9")
    control = data.draw(st.sampled_from((*targets.RANGED, *targets.ACTIONS)))
    assert targets.control_of(data.draw(cased(control)), "m") == control
    key = data.draw(st.sampled_from(list(bounds.CHOICES)))
    choice = data.draw(st.sampled_from(bounds.CHOICES[key]))
    assert getattr(load(None, {key: data.draw(cased(choice))}), key) == choice
    assert control_changes(SYNTH, {data.draw(cased("cutoff")): 5})[0].control == 74


@pytest.mark.parametrize(
    ("typed", "style"),
    [("Odd", "odd"), ("ODD/even", "odd:1.0/even:1.0"), ("Even:3,odd", "even:0.75,odd:0.25")],
)
def test_a_style_is_known_whatever_its_case(typed, style):
    found = check_style(Settings(voice=str(TINY), style=typed), TINY)
    wanted = Settings(voice=str(TINY), style=style)
    assert found.controls == wanted.controls


def test_a_style_of_the_right_spelling_stays_as_it_is():
    settings = Settings(style="odd:0.7,even:0.2,odd:0.4")
    assert check_style(settings, TINY) is settings


GUESSES = {
    "style": (lambda: check_style(Settings(style="evne"), TINY), "even"),
    "voice": (lambda: find_voice("comons"), "commons"),
    "profile": (lambda: profile.load("moog-minitar"), "moog-minitaur"),
    "part": (lambda: parse_channels("sopran=1"), "soprano"),
    "key": (lambda: load(None, {"temprature": 1}), "temperature"),
    "key of a profile": (lambda: profile.from_document({"chanel": 1}), "channel"),
    "key in a key": (lambda: profile.from_document({"velocity": {"gama": 1}}), "gamma"),
    "key of a map": (lambda: mapping.parse("[[cc]]\nnumbr = 1", "m"), "number"),
    "control": (lambda: with_changes(Settings().controls, {"swimg": 0}), "swing"),
    "control of a knob": (lambda: targets.control_of("densty", "m"), "density"),
    "controller": (lambda: control_changes(SYNTH, {"cutof": 1}), "cutoff"),
    "choice": (lambda: load(None, {"clock": "folow"}), "follow"),
    "output": (lambda: sink_of("fluidsinth"), "fluidsynth"),
    "scale": (lambda: load(None, {"scale": "C dorain"}), "dorian"),
}


@pytest.mark.parametrize("kind", GUESSES)
def test_a_mistyped_word_is_answered_with_a_guess(kind):
    wrong, right = GUESSES[kind]
    with pytest.raises((StreamError, ValueError), match=f"; did you mean '{right}'\\?"):
        wrong()


@pytest.mark.parametrize(
    ("line", "right"),
    [
        (["plya"], "play"),
        (["play", "--tempratur", "1"], "--temperature"),
        (["voices", "--jsn"], "--json"),
        (["render", "x.mid", "--minuts=3"], "--minutes"),
        (["config", "--chekc", "x"], "--check"),
    ],
)
def test_a_mistyped_command_is_one_line_with_a_guess(line, right, capsys):
    with pytest.raises(SystemExit) as ended:
        main(line)
    told = capsys.readouterr()
    assert (ended.value.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert right in told.err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["config", "--shwo"], "--shwo: unknown; did you mean '--show'?"),
        (["render", "--minuets", "1"], "--minuets: unknown; did you mean '--minutes'?"),
        (["learn", "--secnds=1"], "--secnds: unknown; did you mean '--seconds'?"),
        (["--verison"], "--verison: unknown; did you mean '--version'?"),
        (["render", "--min", "1"], "the following arguments are required: OUT"),
        (["render", "--low", "-1"], "the following arguments are required: OUT"),
        (["--seed", "1"], "COMMAND '1': unknown; known are play"),
    ],
)
def test_a_mistyped_flag_is_named_before_what_is_missing(line, told, capsys):
    with pytest.raises(SystemExit) as ended:
        main(line)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"perpetuum: {told}")


def test_the_words_of_setup_are_known_whatever_their_case():
    right = recipe_of(Choices("pi4", "uart", "hdmi"))
    assert recipe_of(Choices("Pi4", "UART", "HDMI ")) == right


@pytest.mark.parametrize(
    ("choices", "right"),
    [
        (Choices("p4", "uart"), "pi4"),
        (Choices("atuo", "uart"), "auto"),
        (Choices("pi4", "uatr"), "uart"),
        (Choices("pi4", audio="headphone"), "headphones"),
    ],
)
def test_a_mistyped_word_of_setup_is_answered_with_a_guess(choices, right):
    with pytest.raises(SettingsError, match=f"; did you mean '{right}'\\?"):
        recipe_of(choices)


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=5))
def test_a_guess_is_a_known_word_or_none(word, known):
    found = re.fullmatch(r"(?s); did you mean '(.*)'\?", did_you_mean(word, known))
    assert found is None or found[1] in known
    assert meant(word, known) in {word, *known}


@given(st.integers(-(2**63), 2**63 - 1) | st.floats(-1e15, 1e15).map(lambda x: round(x, 3)))
def test_numbers_are_told_digit_by_digit(number):
    assert "e" not in numeral(number)
    assert float(numeral(number)) == pytest.approx(number)


@pytest.mark.parametrize("key", bounds.RANGES)
def test_bounds_are_told_digit_by_digit(key):
    with pytest.raises(SettingsError) as caught:
        bounds.checked(key, -10.5, key)
    assert not re.search(r"\de[+-]?\d", str(caught.value))


def test_every_control_is_a_setting():
    assert set(CONTROLS) <= {field.name for field in dataclasses.fields(Settings)}
