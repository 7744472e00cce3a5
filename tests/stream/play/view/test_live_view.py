import dataclasses
import math
import os
import pty
import termios

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.ensembles.ensemble import load
from stream.music.note import Note, Phrase
from stream.music.part import ROLES
from stream.music.verdict import Rule, Verdict
from stream.play.observer import Slot, Snapshot
from stream.play.stats import Stats
from stream.play.view import palette, pianoroll
from stream.play.view.footer import choice
from stream.play.view.frame import frame
from stream.play.view.keys import DETAILS, HELP, KEYS
from stream.play.view.live_view import FRAME_SECONDS, LiveView
from stream.play.view.part_notes import NoteCache
from stream.play.view.scene import Scene
from stream.play.view.screen_diff import changes
from stream.play.view.terminal import Terminal, suitable
from stream.play.view.text_line import Run, dots, line, marked, plain

NOTES = len(palette._FIXED)
C_SCALE = tuple(Note(48 * i, 48, 60 + step) for i, step in enumerate((0, 2, 4, 5)))


def slot(index=0, start=10.0, notes=C_SCALE, tune=0):
    verdict = Verdict((Rule("pitch_class", 2.5, 1.0, 3.0), Rule("length", 4.0, 1.0, 3.0)))
    phrase = Phrase(notes, 192, 120.0, index, tune, "folk", "commons", 7, verdict=verdict)
    return Slot(phrase, start, start + 2.0)


def moment(now=10.0, **changed):
    stats = Stats(notes=1204, phrases=3, tunes=1, queue_seconds=4.0, accepted=9, composed=16)
    seen = {"current": slot(), "upcoming": (slot(1, 12.0, tune=1),), "sinks": ("null",)}
    return Snapshot(now=now, **({"stats": stats} | seen | changed))


def text(lines):
    return ["".join(run.text for run in runs).rstrip() for runs in lines]


def test_the_words_of_a_frame():
    lines = text(frame(Scene(moment(), notice="seed 7"), 80, 16))
    assert lines[0] == (
        " perpetuum   tune 1  phrase 1                            commons  folk  120 bpm"
    )
    assert lines[-5:] == [
        " " * 15 + "1               ♪ tune 2 folk",
        " composed  ━━━━────  4.0 s ahead   close to the style",
        " plays to  null   to hear it, restart with --panel, and tap Listen there",
        " Ctrl-C ends",
        " seed 7",
    ]


def judged(accepted, candidates, *, passed=True):
    rules = (Rule("pitch_class", 2.5, 1.0, 3.0 if passed else 2.0),)
    return Verdict(rules, candidates, accepted)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (judged(9, 16), "chosen from 16 melodies; 9 fit the style"),
        (judged(1, 16), "chosen from 16 melodies; 1 fits the style"),
        (judged(0, 16), "the closest of 16 melodies; none fits the style"),
        (judged(1, 1), "fits the style"),
        (judged(0, 1, passed=False), "close to the style"),
        (Verdict(), ""),
        (judged(0, 0), "heard before in this tune"),
    ],
)
def test_a_choice_in_plain_words(verdict, words):
    assert choice(verdict) == words


def test_troubles_are_told_as_soon_as_there_are_some():
    stats = Stats(notes=1204, late=1, restarts=2, queue_seconds=4.0)
    told = text(frame(Scene(moment(stats=stats)), 120, 16))[-4]
    assert told.endswith("close to the style   1 late note, 2 restarts")


def test_addresses_stay_and_tell_how_to_hear_the_music():
    addresses = (("panel", "http://192.0.2.1:8765 pairing code ABCD-EFGH"),)
    lines = text(frame(Scene(moment(), addresses=addresses), 80, 16))
    assert lines[-4:-2] == [
        " plays to  null   to hear it, open the panel and tap Listen",
        " panel     http://192.0.2.1:8765 pairing code ABCD-EFGH",
    ]
    heard = text(frame(Scene(moment(sinks=("FluidSynth", "file:a.mid"))), 80, 16))
    assert heard[-3] == " plays to  FluidSynth · file:a.mid"


def test_a_long_address_loses_no_pairing_code():
    address = (
        "http://192.0.2.1:8765 (IPv4; IPv6: http://[2001:db8::17]:8765) pairing code ABCD-EFGH"
    )
    lines = text(frame(Scene(moment(), addresses=(("panel", address),)), 80, 16))
    assert lines[-4:-2] == [
        " panel     http://192.0.2.1:8765 (IPv4; IPv6: http://[2001:db8::17]:8765)",
        "           pairing code ABCD-EFGH",
    ]


def test_details_and_help_are_pages_of_their_keys():
    details = Scene(moment(), keys=KEYS, unfolded=frozenset({DETAILS}))
    lines = text(frame(details, 80, 24))
    assert lines[-5:-3] == [
        " rules     ✓ pitch class 2.50   ✗ length 4.00",
        " counters  accepted 9 of 16 melodies   late 0 of 1,204 notes   repeats 0",
    ]
    lines = text(frame(Scene(moment(), keys=KEYS, unfolded=frozenset({HELP})), 80, 24))
    assert lines[2] == " Keys"
    for key in KEYS:
        assert f"   {key.name:<8}{key.text}" in lines


@pytest.mark.parametrize("paused_at", [None, 10.0])
@pytest.mark.parametrize("width", [40, 60, 100])
def test_the_keys_are_named_as_far_as_they_have_room(width, paused_at):
    told = text(frame(Scene(moment(paused_at=paused_at), keys=KEYS), width, 24))[-2]
    assert len(told) <= width
    assert told.endswith("q quit")
    assert ("space play" in told) == (paused_at is not None)
    assert ("1-5 stars" in told) == (width > 40)
    assert ("d details" in told) == (width > 60)


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (100, "commons  folk  jig in D major, 6/8  112 bpm"),
        (72, "folk  jig in D major, 6/8  112 bpm"),
        (66, "commons  folk  112 bpm"),
        (52, "folk  112 bpm"),
    ],
)
def test_what_is_known_of_a_tune_is_told_where_it_fits(width, told):
    facts = {"kind": "jig", "key": "D major", "meter": "6/8", "bpm": 112.0}
    jigs = [
        dataclasses.replace(each, phrase=dataclasses.replace(each.phrase, **facts))
        for each in (slot(), slot(1, 12.0, tune=1))
    ]
    lines = text(frame(Scene(moment(current=jigs[0], upcoming=(jigs[1],))), width, 16))
    assert lines[0].split("phrase 1")[1].strip() == told
    if width == 100:
        assert "♪ tune 2 folk: jig in D major, 6/8" in lines[-5]


def page_of(*slots, now=10.1, width=16):
    ruler = pianoroll.ruler(slots[0], now, width)
    return pianoroll.Page(slots, NoteCache().notes(slots), now, ruler)


def test_the_notes_of_a_picture():
    """Four beats of four columns, the first of them sounding, with the keyboard at the left."""
    page = page_of(slot(), width=24)
    assert (page.ruler.start, page.ruler.step) == (10.0 - 3 * 0.125, 0.125)
    picture = pianoroll.paint(page, pianoroll.Lens(top=66), 8)
    signs = {palette.PHRASE: "|", palette.PHRASE_C: "|", palette.KEY: "#", palette.KEY_BLACK: "-"}
    letters = "abcdefghijkl"
    drawn = [
        "".join(
            signs.get(dot, "." if dot < palette.BAR else letters[(dot - NOTES) // palette.LEVELS])
            for dot in row
        )
        for row in picture
    ]
    assert drawn == [
        "--...|....................",
        "##...|...........ffff.....",
        "##...|.......eeee.........",
        "--...|....................",
        "##...|...cccc.............",
        "--...|....................",
        "aa...aaaa.................",
        "##...|....................",
    ]


def test_a_page_stands_still_until_its_last_bar_is_over():
    phrase = dataclasses.replace(slot().phrase, length=4 * 192)
    long = dataclasses.replace(slot(), phrase=phrase, end=18.0)
    pages = {}
    for tick in range(4 * 192):
        now = long.time_at(tick)
        ruler = pianoroll.ruler(long, now, 74)
        pages.setdefault(round(ruler.start, 6), []).append(tick)
        assert 9 <= ruler.column(now) < 74 - 9
    # Two bars of sixteen columns on each page, with nine columns of what was before.
    assert [len(ticks) for ticks in pages.values()] == [384, 384]
    assert [*pages] == [10.0 - 9 * 0.125, 14.0 - 9 * 0.125]


@given(st.integers(1, 4000), st.integers(1, 400), st.integers(1, 300), st.floats(0.0, 1.0))
def test_the_playhead_is_on_every_page(length, bar, width, share):
    phrase = dataclasses.replace(slot().phrase, length=length, bar=bar)
    end = 10.0 + length / 48 / 2
    at = Slot(phrase, 10.0, end)
    now = 10.0 + share * (end - 10.0) * 0.999
    assert 0 <= pianoroll.ruler(at, now, width).column(now) <= width


@given(
    st.integers(1, 160),
    st.integers(1, 60),
    st.lists(st.tuples(st.integers(0, 191), st.integers(0, 127)), max_size=12),
    st.floats(0.0, 30.0),
)
def test_a_frame_fills_its_size_exactly(width, height, notes, now):
    notes = tuple(Note(onset, 192 - onset, pitch) for onset, pitch in sorted(notes))
    scene = Scene(moment(now, current=slot(notes=notes)), (slot(0, 8.0),), "x" * 200)
    lines = frame(scene, width, height)
    assert [sum(len(run.text) for run in runs) for runs in lines] == [width] * height


def test_nothing_to_see_yet():
    first = frame(Scene(moment(current=None, upcoming=())), 80, 24)
    assert text(first)[0].endswith("composing the first phrase")


@given(st.sets(st.integers(0, 127), min_size=1), st.integers(4, 100))
def test_the_lens_shows_every_pitch(pitches, rows):
    notes = tuple(Note(0, 48, pitch) for pitch in pitches)
    lens = pianoroll.fit(NoteCache().notes([slot(notes=notes)]), rows)
    for pitch in pitches:
        for row in lens.rows(pitch):
            assert 0 <= row < rows
            assert pitch in lens.pitches(row)


def test_lines_are_cut_and_filled():
    left, right = [Run("left")], [Run("right")]
    assert text([line(left, right, 12)]) == ["left   right"]
    assert text([line(left, right, 8)]) == ["left"]
    assert text([line(left, right, 3)]) == ["lef"]


def test_names_can_not_steer_the_terminal():
    assert plain("a\x1b[2Jb鍵") == "a?[2Jb?"


@given(st.lists(st.text("ab ", min_size=6, max_size=6), min_size=6, max_size=6), st.data())
def test_changes_lead_from_one_screen_to_the_next(words, data):
    order = data.draw(st.permutations(words))
    before, after = (
        [[Run(word, 9 + i % 3, i % 2)] for i, word in enumerate(w)] for w in (words, order)
    )
    screen = pyte.Screen(6, 6)
    stream = pyte.Stream(screen)
    stream.feed(changes([], before, palette.exact))
    stream.feed(changes(before, after, palette.nearest))
    assert screen.display == order


@pytest.mark.parametrize("code", [palette.exact, palette.nearest])
def test_every_color_can_be_told(code):
    assert len({code(index) for index in range(len(palette.TABLE))}) > 40
    assert all(0 <= part <= 255 for color in palette.TABLE for part in color)


class Screen:
    """A terminal of 60 x 16 and who looks at it."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        termios.tcsetwinsize(self.slave, (16, 60))
        self.screen = pyte.Screen(60, 16)
        self.stream = pyte.ByteStream(self.screen)
        os.set_blocking(self.master, False)
        self.told = b""

    def look(self):
        try:
            while data := os.read(self.master, 65536):
                self.told += data
                self.stream.feed(data)
        except BlockingIOError:
            pass
        return [row.rstrip() for row in self.screen.display]


@pytest.fixture
def terminal():
    screen = Screen()
    yield screen
    for fd in (screen.master, screen.slave):
        try:
            os.close(fd)
        except OSError:
            continue


def watch(view, screen, start, frames=40):
    """Refresh as the driver does, and read after each."""
    now = start
    for _ in range(frames):
        now = view.refresh(moment(now))
        assert now is not None
        screen.look()
    return now


def test_the_view_shows_the_frame(terminal):
    view = LiveView(Terminal(terminal.slave))
    view.phrase_started(moment())
    end = watch(view, terminal, 10.0)
    scene = Scene(moment(end), (slot(),))
    view.refresh(moment(end))
    assert terminal.look() == text(frame(scene, 60, 16))
    view.close()


def test_the_address_of_the_panel_stays_when_a_notice_goes(terminal):
    view = LiveView(Terminal(terminal.slave))
    view.notice("seed 7, voice commons")
    view.notice("panel: http://192.0.2.1:8765 pairing code ABCD-EFGH")
    end = watch(view, terminal, 10.0, 3)
    assert terminal.look()[-1] == " seed 7, voice commons"
    watch(view, terminal, end + 30.0, 3)
    assert terminal.look()[-1] == ""
    assert " panel     http://192.0.2.1:8765 pairing code ABCD-EFGH" in terminal.look()
    view.close()
    terminal.look()
    assert b"pairing code ABCD-EFGH\r\n" in terminal.told


def test_what_another_program_wrote_is_gone_with_a_new_phrase_or_at_once(terminal):
    view = LiveView(Terminal(terminal.slave))
    end = watch(view, terminal, 10.0)
    terminal.stream.feed(b"\x1b[5;9Hnoise")
    view.phrase_started(moment(end + 0.01))
    end = watch(view, terminal, end)
    assert "noise" in terminal.look()[4]  # a whole picture was drawn a moment ago
    view.repaint()
    end = watch(view, terminal, end)
    assert "noise" not in terminal.look()[4]
    terminal.stream.feed(b"\x1b[5;9Hnoise")
    for _ in range(6):
        end = watch(view, terminal, end)
    view.phrase_started(moment(end))
    watch(view, terminal, end)
    assert "noise" not in terminal.look()[4]
    view.close()


def test_the_view_follows_a_new_size(terminal):
    view = LiveView(Terminal(terminal.slave))
    end = watch(view, terminal, 10.0)
    termios.tcsetwinsize(terminal.slave, (20, 70))
    terminal.screen.resize(20, 70)
    watch(view, terminal, end)
    assert len(terminal.look()[0]) > 60
    view.close()


def test_close_restores_the_terminal_once(terminal):
    before = termios.tcgetattr(terminal.slave)
    view = LiveView(Terminal(terminal.slave))
    view.notice("null: lost")
    watch(view, terminal, 10.0)
    assert not termios.tcgetattr(terminal.slave)[3] & termios.ECHO
    terminal.told = b""
    view.close()
    view.close()
    terminal.look()
    assert terminal.told == (
        b"\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
        b"null: lost\r\n1,204 notes in 3 phrases of 1 tune, 0 late\r\n"
    )
    assert termios.tcgetattr(terminal.slave) == before


def test_a_terminal_that_reads_nothing_costs_frames_only(terminal):
    view = LiveView(Terminal(terminal.slave))
    now = 10.0
    for _ in range(300):  # many times what a terminal holds
        now = view.refresh(moment(now))
    for _ in range(3):
        terminal.look()
        now = watch(view, terminal, now)
    assert terminal.look()[0].startswith(" perpetuum   tune 1")
    view.close()


def test_a_terminal_that_vanished_is_left_alone(terminal):
    view = LiveView(Terminal(terminal.slave))
    os.close(terminal.master)
    view.refresh(moment(10.0))
    assert view.refresh(moment(11.0)) is None
    view.close()


def test_no_frame_before_it_is_due(terminal):
    view = LiveView(Terminal(terminal.slave))
    end = watch(view, terminal, 10.0)
    terminal.told = b""
    assert view.refresh(moment(end - FRAME_SECONDS / 2)) == end
    terminal.look()
    assert terminal.told == b""
    view.close()


def test_suitable(terminal, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert suitable(terminal.slave)
    monkeypatch.setenv("TERM", "dumb")
    assert not suitable(terminal.slave)


def test_the_rules_of_a_phrase_are_named_as_far_as_there_is_room():
    whole = " rules     ✓ pitch class 2.50   ✗ length 4.00"
    details = Scene(moment(), unfolded=frozenset({DETAILS}))
    assert text(frame(details, len(whole) + 3, 16))[-5] == whole
    assert text(frame(details, len(whole) + 2, 16))[-5] == " rules     ✓ pitch class 2.50"


@pytest.mark.parametrize(
    ("color", "rgb"),
    [
        ((1.0, 0.0, 0.0), (255, 255, 255)),
        ((0.5, 0.0, 0.0), (99, 99, 99)),
        ((0.1, 0.0, 0.0), (3, 3, 3)),
        ((0.62796, 0.25768, math.radians(29.234)), (255, 0, 0)),
        ((0.45201, 0.31321, math.radians(264.052)), (0, 0, 255)),
    ],
)
def test_oklch_gives_the_colors_of_the_css_standard(color, rgb):
    assert palette._oklch(*color) == rgb


@pytest.mark.parametrize("pitch_class", range(12))
def test_colors_are_strongest_between_the_paper_and_white(pitch_class):
    colors = [palette._note_rgb(pitch_class, level) for level in range(palette.LEVELS)]
    strength = [max(color) - min(color) for color in colors]
    middle = min(strength[5:11])
    assert strength[0] < middle > strength[-1]
    assert max(colors[0]) < 80
    assert min(colors[-1]) > 160


def test_thin_lines_stand_between_notes_and_never_beside_one():
    note, paper = palette.note_color(60, 8), palette.PAPER
    bar, phrase = palette.BAR, palette.PHRASE
    upper = bytes([bar, bar, phrase, bar, note, note])
    lower = bytes([bar, bar, phrase, note, phrase, paper])
    assert dots(upper, lower) == (
        Run("▏▏", bar),
        Run("▏", phrase),
        Run("▀", paper, note),
        Run("▀", note, paper),
        Run("▀", note, paper),
    )


def test_a_line_has_the_paper_that_is_left_and_right_of_it():
    line = bytes([palette.BAR_C])
    assert dots(line, line) == (Run("▏", palette.BAR_C, palette.PAPER_C),)


def test_the_playhead_stands_on_paper_and_lines_only():
    note, mark = palette.note_color(60, 8), Run("▎", palette.PLAYHEAD)
    runs = [Run("  ", paper=palette.PAPER_C), Run("▏", palette.BAR), Run(" ", paper=note)]
    assert marked(runs, 1, mark)[1] == mark._replace(paper=palette.PAPER_C)
    assert text([marked(runs, 2, mark)]) == ["  ▎"]
    assert marked(runs, 3, mark) == runs


def test_a_frame_after_a_pause_is_drawn_whole(terminal):
    view = LiveView(Terminal(terminal.slave))
    end = watch(view, terminal, 10.0)
    terminal.stream.feed(b"\x1b[2J")
    view.refresh(moment(end + 1.5))
    assert terminal.look() == text(frame(Scene(moment(end + 1.5)), 60, 16))
    view.close()


def test_last_words_without_a_frame_stand_alone(terminal):
    Terminal(terminal.slave).close(["null: lost"])
    terminal.look()
    assert terminal.told == b"null: lost\r\n"


def test_in_the_background_the_modes_of_the_terminal_are_left_alone(terminal, monkeypatch):
    ours = Terminal(terminal.slave)
    ours.show("a")
    silent = termios.tcgetattr(terminal.slave)
    monkeypatch.setattr(Terminal, "in_foreground", lambda _: False)
    ours.close()
    assert termios.tcgetattr(terminal.slave) == silent


def band_slot(start=10.0):
    notes = [Note(48 * i, 48, 60 + i, channel=0) for i in range(4)]
    notes += [Note(48 * i, 48, 40, channel=3) for i in range(4)]
    notes += [Note(48 * i, 6, 36 if i % 2 == 0 else 38, channel=9) for i in range(4)]
    phrase = Phrase(tuple(notes), 192, 120.0, 0, 0, "folk", "commons", 7, ensemble="band")
    return Slot(phrase, start, start + 2.0, ensemble=load("band"))


def colors(picture):
    found = {}
    for row in picture:
        for dot in row:
            for role in ROLES:
                levels = {palette.part_color(role, level) for level in range(palette.LEVELS)}
                if dot in levels:
                    found[role] = found.get(role, 0) + 1
    return found


def test_parts_have_colors_of_their_own_and_drums_rows_of_their_own():
    page = page_of(band_slot(), width=24)
    lens = pianoroll.fit(page.notes, 40)
    assert colors(pianoroll.paint(page, lens, 40)) == {"lead": 18, "bass": 18}
    drums = pianoroll.paint_drums(page)
    assert [colors([row]).get("drums", 0) for row in drums] == [0, 0, 0, 0, 2, 2]


@pytest.mark.parametrize("height", [16, 24, 50])
def test_a_frame_with_drums_fills_its_size_exactly(height):
    lines = frame(Scene(moment(current=band_slot(), upcoming=())), 80, height)
    assert [sum(len(run.text) for run in runs) for runs in lines] == [80] * height
    assert any(row.startswith("drm ") for row in text(lines)) == (height > 16)


def test_the_colors_of_parts_differ():
    for level in (2, 4, 6):
        assert len({palette._part_rgb(role, level) for role in ROLES}) == len(ROLES)
    assert len(palette.TABLE) <= 256
