"""The page in a real Chromium, as fingers and keys use it."""

import itertools
import json

import pytest

from tests.stream.kept.kept_tunes import keep
from tests.stream.panel.fake_player import BAND, FakePlayer, band, free_port, phrase
from tests.stream.panel.pages import slide, unfold, until

PIXELS = """() => {
  const canvas = document.getElementById('roll');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let hash = 0, bright = 0;
  for (let i = 0; i < data.length; i += 4) {
    hash = (hash * 31 + data[i] + data[i + 1] + data[i + 2]) | 0;
    bright += data[i] + data[i + 1] + data[i + 2] > 330;
  }
  return {hash, bright};
}"""
RENDER = """async ([phrase, parts]) => {
  const [{ Mixer }, { tone }, { strike }, { timbreOf }] = await Promise.all(
    ['mixer', 'tones', 'drums', 'timbres'].map((name) => import(`/${name}.js`)));
  const peaks = {};
  for (const role of [...parts.map((part) => part.role), 'all']) {
    const context = new OfflineAudioContext(2, 2 * 22050, 22050);
    const mixer = new Mixer(context, 1);
    for (const [onset, duration, pitch, velocity, channel] of phrase.notes) {
      const part = parts.find((part) => part.channel === channel);
      if (role !== 'all' && part.role !== role) continue;
      const note = { onset, duration, pitch, velocity: role === 'all' ? 127 : velocity };
      const input = mixer.input(part, pitch);
      if (part.role === 'drums') strike(context, input, note, part.program, onset);
      else tone(context, input, note, timbreOf(part), onset);
    }
    const buffer = await context.startRendering();
    peaks[role] = 0;
    for (const channel of [0, 1]) {
      const samples = buffer.getChannelData(channel);
      for (const x of samples) peaks[role] = Math.max(peaks[role], Math.abs(x));
    }
  }
  return peaks;
}"""
CUT_OFF = """[...document.querySelectorAll('.player button, .player input, .player select')]
  .filter((e) => e.getBoundingClientRect().right > innerWidth - 12
    || (e.matches('button') && e.scrollWidth > e.clientWidth))
  .map((e) => e.id || e.className)"""
ENDS = {"Highest note", "Fastest"}
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_buttons_are_commands(player, opened):
    page = opened(player)
    page.get_by_role("button", name="Pause").click()
    player.wait_for({"play": False})
    page.get_by_role("button", name="Play", exact=True).click()
    player.wait_for({"play": True})
    for name, command in (("Next tune", {"next": True}), ("Panic", {"panic": True})):
        page.get_by_role("button", name=name).click()
        player.wait_for(command)
    page.get_by_text("Tune 1", exact=True).wait_for()
    page.get_by_role("button", name="4 stars").click()
    player.wait_for({"stars": {"stars": 4, "tune": 0}})
    assert page.locator("#stars .lit").count() == 4
    page.get_by_text("4 of 5 stars for tune 1.").wait_for()


def test_sliders_are_controls(player, opened):
    page = opened(player)
    moves = [
        ("Tempo", {"bpm": 96}), ("Temperature", {"temperature": 1.5}),
        ("Density", {"density": -0.5}), ("Swing", {"swing": 0.33}),
        ("Transpose", {"transpose": -12}),
        ("Lowest note", {"low": 40, "high": 127}), ("Highest note", {"low": 40, "high": 84}),
        ("Highest note", {"low": 18, "high": 30}),
        ("Slowest", {"slowest": 90, "fastest": 300}),
        ("Fastest", {"slowest": 75, "fastest": 80}),
    ]  # fmt: skip
    for name, fields in moves:
        slide(page, name, list(fields.values())[-1 if name in ENDS else 0])
        player.wait_for({"set": fields})
    page.get_by_label("Key", exact=True).select_option("F#")
    player.wait_for({"set": {"scale": "F# major"}})
    page.get_by_label("Mode", exact=True).select_option("dorian")
    player.wait_for({"set": {"scale": "F# dorian"}})
    page.get_by_label("Key", exact=True).select_option("off")
    player.wait_for({"set": {"scale": ""}})


def test_others_move_the_controls_too(player, opened):
    page = opened(player)
    player.say(controls={"bpm": 77, "scale": "Bb minor", "style": "jazz", "low": 50, "high": 90})
    until(page, "document.getElementById('bpm').value === '77'")
    assert page.get_by_label("Key", exact=True).input_value() == "Bb"
    assert page.get_by_label("Mode", exact=True).input_value() == "minor"
    assert page.locator("#pitch-card .ends").inner_text() == "D3 \u2013 F♯6"
    assert page.locator("#style-value").inner_text() == "jazz"


def test_what_is_refused_is_said_and_taken_back(player, opened):
    page = opened(player)
    player.say(controls={"bpm": 120})
    until(page, "document.getElementById('bpm').value === '120'")
    player.refuses["set"] = "not while it snows"
    slide(page, "Tempo", 150)
    page.get_by_text("not while it snows").wait_for()
    assert page.get_by_label("Tempo").input_value() == "120"


def test_the_tempo_may_be_that_of_each_tune(opened):
    facts = {"bpm": 112.0, "key": "Eb major", "meter": "6/8", "kind": "jig", "set": "1 of 3"}
    with FakePlayer(music=lambda index, start: phrase(index, start) | facts) as player:
        page = opened(player)
        slider, auto = page.get_by_label("Tempo"), page.get_by_role("button", name="auto")
        until(page, "document.getElementById('bpm').value === '112'")
        page.get_by_text("jig in E♭ major, 6/8").wait_for()
        words = " ".join(page.locator(".now").inner_text().split())
        assert words == "Tune 1 1 of 3 in a set folk jig in E♭ major, 6/8 112 bpm the voice alone"
        assert auto.get_attribute("aria-pressed") == "true"
        slider.focus()
        page.keyboard.press("ArrowRight")  # from the tempo that sounds
        player.wait_for({"set": {"bpm": 113}})
        assert auto.get_attribute("aria-pressed") == "false"
        auto.click()
        player.wait_for({"set": {"bpm": 0}})
        until(page, "document.getElementById('bpm').value === '112'")
        auto.click()  # keeps it
        player.wait_for({"set": {"bpm": 112}})
        slider.dblclick()
        player.wait(lambda: player.heard[-1] == {"set": {"bpm": 0}})


def test_the_pad_blends_styles(player, opened):
    page = opened(player)
    page.get_by_role("button", name="Style jazz").click()
    player.wait_for({"set": {"style": "jazz"}})
    pad = page.locator("#pad")
    box = pad.bounding_box()
    place = (
        "label => [label.style.left, label.style.top].map((percent) => parseFloat(percent) / 100)"
    )
    labels = [page.get_by_role("button", name=f"Style {name}") for name in ("jazz", "folk")]
    places = [label.evaluate(place) for label in labels]
    middle = [sum(axis) / 2 for axis in zip(*places, strict=True)]
    start, end = (
        {"x": (middle[0] + away) * box["width"], "y": middle[1] * box["height"]}
        for away in (0.1, 0)
    )
    pad.drag_to(pad, source_position=start, target_position=end)
    player.wait(lambda: "jazz:" in str(player.heard[-1]))
    blend = dict(part.split(":") for part in player.heard[-1]["set"]["style"].split(","))
    assert {"jazz", "folk"} <= blend.keys()
    # A pixel beside the middle moves 0.03 from one to the other.
    assert float(blend["jazz"]) == pytest.approx(float(blend["folk"]), abs=0.15)
    assert sum(map(float, blend.values())) == pytest.approx(1, abs=0.03)
    page.get_by_role("button", name="Any").click()
    player.wait_for({"set": {"style": ""}})
    puck = page.get_by_role("slider", name="Style pad")
    puck.focus()
    page.keyboard.press("ArrowRight")
    player.wait(lambda: player.heard[-1]["set"]["style"])
    assert puck.get_attribute("aria-valuetext") != "any style"


def test_outputs_appear_when_they_are_plugged_in(player, opened):
    page = opened(player)
    player.say(outputs=["null"])
    player.say(ports=["port:UM-ONE"])
    page.get_by_label("UM-ONE").check()
    player.wait_for({"out": ["null", "port:UM-ONE"]})
    page.get_by_label("nothing").uncheck()
    player.wait_for({"out": ["port:UM-ONE"]})
    player.say(ports=[])
    page.locator("label", has_text="UM-ONE").get_by_text("not connected").wait_for()
    player.say(outputs=["null"])


def test_an_output_that_does_not_play_yet_stays_chosen(player, opened):
    page = opened(player)
    player.say(outputs=["null"])
    player.say(ports=["port:UM-ONE", "port:Volca"])
    page.get_by_label("Volca").wait_for()
    player.obeys = False
    page.get_by_label("UM-ONE").check()
    page.get_by_label("Volca").check()
    player.wait_for({"out": ["null", "port:UM-ONE", "port:Volca"]})
    player.obeys = True
    player.say(outputs=["null"])
    player.say(ports=[])


def test_voices_and_controllers_of_the_profile(player, opened):
    page = opened(player)
    page.get_by_label("Voice", exact=True).select_option("other")
    player.wait_for({"voice": "other"})
    cutoff = page.locator("#controllers .slider", has_text="cutoff")
    assert cutoff.locator("output").inner_text() == "\u2013"  # only the synthesizer knows its value
    slide(page, "cutoff", 99)
    player.wait_for({"cc": {"cutoff": 99}})
    assert cutoff.locator("output").inner_text() == "99"


def test_the_last_ten_minutes_can_be_fetched(player, opened, tmp_path):
    saved = tmp_path / "perpetuum.mid"
    saved.write_bytes(b"MThd and so on")
    player.results["save"] = {"file": str(saved)}
    page = opened(player, accept_downloads=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    player.wait_for({"save": 10})
    assert download.value.path().read_bytes() == b"MThd and so on"
    assert page.get_by_role("link", name="perpetuum.mid").is_visible()


def test_tunes_are_kept_played_again_liked_and_deleted(player, opened, tmp_path):
    folder = keep(tmp_path, 4)
    name = "0001-jig-in-D-major.mid"
    page = opened(player, accept_downloads=True)
    page.get_by_role("button", name="Keep this tune").click()
    player.wait(lambda: any("keep" in command for command in player.heard))
    (tune,) = (command["keep"]["tune"] for command in player.heard if "keep" in command)
    player.say(kept={"folder": str(folder), "revision": 1, "waiting": [tune, tune + 1]})
    page.get_by_role("button", name="Kept when it ends").wait_for()
    row = page.locator("#kept-list li")
    row.wait_for()
    assert "jig in D major, 6/8" in row.inner_text()
    assert "★★★★" in row.inner_text()
    row.get_by_role("button", name="Play again").click()
    player.wait_for({"again": name})
    row.get_by_role("button", name="More like this").click()
    player.wait_for({"like": name})
    with page.expect_download() as download:
        row.get_by_role("link", name="MIDI").click()
    assert download.value.path().read_bytes() == (folder / name).read_bytes()
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Delete").click()
    row.wait_for(state="detached")
    assert not (folder / name).exists()


def test_the_roll_moves(player, opened):
    page = opened(player)
    first = page.evaluate(PIXELS)
    page.wait_for_timeout(200)
    second = page.evaluate(PIXELS)
    assert first["hash"] != second["hash"]
    assert second["bright"] > 1000
    page.get_by_role("img", name="Piano roll: tune").wait_for()


def test_the_roll_stands_still_if_reduced_motion_is_preferred(player, opened):
    page = opened(player, reduced_motion="reduce")
    page.wait_for_timeout(500)
    seen = []
    for _ in range(20):
        seen.append(page.evaluate(PIXELS)["hash"])
        page.wait_for_timeout(30)
    # Four pictures a second, not sixty.
    assert len([1 for one, other in itertools.pairwise(seen) if one != other]) < 8


def test_paused_music_stands_still(player, opened):
    page = opened(player)
    page.get_by_role("button", name="Pause").click()
    until(page, "panel.recentPhrases.frozen !== null")
    page.wait_for_timeout(300)
    first = page.evaluate("panel.recentPhrases.now()")
    page.wait_for_timeout(100)
    assert page.evaluate("panel.recentPhrases.now()") == first
    player.say(playing=True)
    until(page, "panel.recentPhrases.frozen === null")


def test_listen_plays_the_notes_ahead_of_time(player, opened):
    page = opened(player)
    assert page.evaluate("begun.length") == 0
    page.get_by_role("button", name="Listen").click()
    until(page, "begun.length >= 12")
    begun = page.evaluate("begun")
    assert 0.8 < max(ahead for ahead, _ in begun) < 2
    pitches = {440 * 2 ** ((note[2] - 69) / 12) for note in phrase(0, 0)["notes"]}
    assert all(min(abs(f - p) for p in pitches) < 0.1 for _, f in begun[::3])
    assert page.get_by_role("button", name="Listening").get_attribute("aria-pressed") == "true"


def test_what_is_cut_or_paused_is_not_heard(player, opened):
    page = opened(player)
    page.get_by_role("button", name="Listen").click()
    until(page, "begun.length >= 12")
    for event in (
        "panel.recentPhrases.cut(panel.clock.now())",
        "panel.recentPhrases.setPlaying(false)",
    ):
        before = page.evaluate("stopped")
        page.evaluate(event)
        assert page.evaluate("stopped") > before
        page.evaluate(
            "panel.recentPhrases.replace(panel.recentPhrases.phrases.map(p => ({...p, notes: []})))"
        )
        at = page.evaluate("begun.length")
        page.wait_for_timeout(250)
        assert page.evaluate("begun.length") == at
        page.reload()
        page.get_by_role("button", name="Listen").click()
        until(page, "begun.length >= 12")


def test_it_comes_back_when_the_panel_does(opened):
    port = free_port()
    first = FakePlayer(f"127.0.0.1:{port}")
    page = opened(first)
    first.kill()
    page.get_by_text("not connected; next try").wait_for()
    assert page.locator("body.disconnected").count() == 1
    with FakePlayer(f"127.0.0.1:{port}") as second:
        assert second.notice
        page.get_by_text("connected", exact=True).wait_for()
        page.get_by_role("button", name="Next tune").click()
        second.wait_for({"next": True})


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_sticks_out_of_a_phone(player, opened, width):
    page = opened(player, width=width, height=844, has_touch=True)
    player.say(
        ports=["port:A synthesizer with a name that is far longer than a phone is wide " * 2]
    )
    player.say(notice="a notice " * 40)
    unfold(page)
    page.get_by_label("A synthesizer with").wait_for()
    assert not page.evaluate(OVERFLOW)
    assert page.evaluate(CUT_OFF) == []
    player.say(ports=[])


def test_everything_is_reached_by_keyboard_and_seen_to_be(player, opened):
    page = opened(player)
    page.keyboard.press("Space")
    player.wait_for({"play": False})
    page.keyboard.press("n")
    player.wait_for({"next": True})
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              const e = document.activeElement, thumb = e.type === 'range';
              const style = getComputedStyle(e, thumb ? '::-webkit-slider-thumb' : null);
              const named = e.ariaLabel || e.textContent.trim() || e.labels?.length;
              const name = e === document.body ? '' : e.id || e.ariaLabel || '?';
              return [name, e.matches(':focus-visible'), Boolean(named),
                      thumb || style.outlineStyle !== 'none'];
            }"""
        )
        if not found[0]:
            break
        reached.append(found)
    names = {name for name, *_ in reached}
    assert {
        "play",
        "next",
        "listen",
        "save",
        "panic",
        "bpm",
        "swing",
        "low",
        "high",
        "key",
    } <= names
    assert {
        "Style pad; arrow keys move, with Shift in small steps",
        "Style jazz",
        "any-style",
    } <= names
    assert [found for found in reached if not all(found[1:])] == []
    page.get_by_label("Tempo").focus()
    page.keyboard.press("ArrowRight")
    player.wait(lambda: "bpm" in str(player.heard[-1]))


def test_a_browser_is_paired_once(browser):
    with FakePlayer(f"0.0.0.0:{free_port()}") as player:
        code = player.notice.split()[-1]
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{player.url.rpartition(':')[2]}")
        page.get_by_label("Pairing code").fill("wrong")
        page.get_by_role("button", name="Pair").click()
        page.get_by_text("Wrong code").wait_for()
        page.get_by_label("Pairing code").fill(code.lower())
        page.get_by_role("button", name="Pair").click()
        page.get_by_text("connected", exact=True).wait_for()
        page.reload()
        page.get_by_role("button", name="Next tune").click()
        player.wait_for({"next": True})
        context.close()


def test_the_page_and_the_panel_understand_music_alike(player, opened):
    """`recent_phrases.js` and `recent_phrases.py` do the same."""
    from stream.panel.recent_phrases import RecentPhrases

    page = opened(player)
    steps = [
        ("add", phrase(0, 0.0)), ("add", phrase(1, 4.0)), ("cut", 5.1), ("add", phrase(2, 5.1)),
        ("move", (3.0, 2.5)), ("cut", 9.0),
    ]  # fmt: skip
    music = RecentPhrases()
    for name, value in steps:
        getattr(music, name)(*(value if name == "move" else [value]))
    theirs = page.evaluate(
        """async (steps) => {
          const { RecentPhrases } = await import('/recent_phrases.js');
          const music = new RecentPhrases({ now: () => 0 });
          for (const [name, value] of steps) music[name](...(name === 'move' ? value : [value]));
          return music.phrases.map(p => [p.start, p.end, p.notes.map(n => [n.onset, n.duration])]);
        }""",
        json.loads(json.dumps(steps)),
    )
    ours = [[p["start"], p["end"], [n[:2] for n in p["notes"]]] for p in music.phrases]
    assert theirs == ours


@pytest.fixture(scope="module")
def band_player():
    with FakePlayer(music=band) as player:
        yield player


def test_the_ensemble_is_chosen_and_its_parts_are_switched(band_player, opened):
    page = opened(band_player)
    page.get_by_text("Band: lead, keys, bass and kit").first.wait_for()
    page.get_by_label("Ensemble", exact=True).select_option("jazz")
    band_player.wait_for({"set": {"ensemble": "jazz"}})
    legend = page.get_by_role("group", name="Parts")
    names = ["Lead", "Harmony", "Comping", "Bass", "Drums"]
    assert [name.split("\n")[0] for name in legend.locator("button").all_inner_texts()] == names
    for role, parts in (
        ("Bass", "bass=off"),
        ("Drums", "bass=off,drums=off"),
        ("Bass", "drums=off"),
    ):
        legend.get_by_role("button", name=role).click()
        band_player.wait_for({"set": {"parts": parts}})
    assert legend.get_by_role("button", name="Drums").get_attribute("aria-pressed") == "false"
    for name, fields in (
        ("Energy", {"energy": 0.8}),
        ("Arc", {"arc": 0}),
        ("Expression", {"expression": 1.5}),
    ):
        slide(page, name, next(iter(fields.values())))
        band_player.wait_for({"set": fields})
    until(page, "document.getElementById('energy-arc').ariaLabel.startsWith('Energy: ')")


def test_every_part_sounds_with_a_timbre_of_its_own_and_nothing_clips(band_player, opened):
    page = opened(band_player)
    page.get_by_role("button", name="Listen").click()
    until(page, "begun.length >= 12")
    levels = page.evaluate(RENDER, json.loads(json.dumps([band(0, 0.0), BAND])))
    assert set(levels) == {"lead", "harmony", "comping", "bass", "drums", "all"}
    assert all(0.005 < peak < 0.99 for peak in levels.values())
