// The panel: show the events of the player, and send what the user changes as requests.

import { Choices } from "./choices.js";
import { Clock } from "./clock.js";
import { ControlRequests } from "./control_requests.js";
import { Controls } from "./controls.js";
import { Day } from "./day.js";
import { Energy } from "./energy.js";
import { restoreFolds } from "./folds.js";
import { Instrument } from "./instrument.js";
import { Kept } from "./kept.js";
import { Link } from "./link.js";
import { Listen } from "./listen.js";
import { Awake } from "./media.js";
import { Meters } from "./meters.js";
import { Pad } from "./pad.js";
import { Pairing } from "./pairing.js";
import { Radio } from "./radio.js";
import { RecentPhrases } from "./recent_phrases.js";
import { Roll } from "./roll.js";
import { Strips } from "./strips.js";
import { shortStyle } from "./style_words.js";
import { Taste } from "./taste.js";
import { Transport } from "./transport.js";

const $ = (id) => document.getElementById(id);
const MESSAGE_MS = 6000; // milliseconds
const UPDATE_MS = 250;

restoreFolds();
const clock = new Clock();
const recentPhrases = new RecentPhrases(clock);
const link = new Link("/events");
const listen = new Listen(recentPhrases);
const radio = new Radio(listen);
const requests = new ControlRequests(link, refused);
const controls = new Controls(requests);
const pad = new Pad($("pad"), requests);
const instrument = new Instrument(link, showMessage);
const transport = new Transport(link, radio, showMessage);
const meters = new Meters();
const kept = new Kept(link, showMessage);
const taste = new Taste();
new Pairing(showMessage);
const choices = new Choices(link, requests, showMessage);
const strips = new Strips(requests);
const day = new Day(link, clock, showMessage);
const energy = new Energy($("energy-arc"), recentPhrases);
new Roll($("roll"), recentPhrases, strips, matchMedia("(prefers-reduced-motion: reduce)"));
new Awake($("awake"), $("awake-row"));

let latest = {};
let shown = null;
let messageTimer = 0;

const EVENTS = {
  hello(hello) {
    instrument.hello(hello);
    choices.hello(hello);
    $("version").textContent = [hello.version && `version ${hello.version}`, `seed ${hello.seed}`]
      .filter(Boolean)
      .join(" · ");
  },
  controls(values) {
    latest = values;
    controls.show(values);
    pad.show(values.style ?? "");
    strips.show(values);
    listen.playerVolume = values.volume ?? 1;
    choices.show(values, shortStyle);
  },
  playing(playing) {
    recentPhrases.setPlaying(playing);
    transport.show(playing);
  },
  outputs(names) {
    instrument.outputs(names);
    radio.outputs(names);
  },
  ports: (ports) => instrument.ports(ports),
  map: (places) => pad.setPlaces(places),
  arc: (arc) => energy.show(arc),
  day: (plan) => day.show(plan),
  sleep: (timer) => day.sleep(timer),
  phrase: (phrase) => recentPhrases.add(phrase),
  cut: (at) => recentPhrases.cut(at),
  moved: ([from, delay]) => recentPhrases.move(from, delay),
  notice: showMessage,
  kept: (state) => kept.show(state),
  taste: (state) => taste.show(state),
  moment(moment) {
    clock.update(moment.now);
    meters.moment(moment);
  },
};

for (const [name, listener] of Object.entries(EVENTS)) link.on(name, listener);

link.on("state", (state) => {
  clock.forget(); // the player may be another one now, with another clock
  clock.update(state.now);
  if (state.hello?.voices) EVENTS.hello(state.hello);
  for (const name of ["map", "ports", "outputs", "controls", "playing", "arc", "day", "sleep", "kept", "taste"]) {
    if (name in state) EVENTS[name](state[name]);
  }
  if (state.moment) meters.moment(state.moment);
  recentPhrases.replace(state.phrases);
  shown = null;
  transport.tune(null); // the player may be another one, whose tunes have other numbers
});

link.on("connection", ({ connected, wait }) => {
  document.body.classList.toggle("disconnected", !connected);
  const next = wait < 1 ? "now" : `in ${Math.round(wait)} s`;
  $("connection").textContent = connected ? "connected" : `not connected; next try ${next}`;
});

// Show what plays now in words.
setInterval(() => {
  const phrase = recentPhrases.at(recentPhrases.now());
  strips.sounding(phrase);
  kept.sounding(phrase);
  const players = choices.sounding(phrase);
  if (phrase) controls.sounding(phrase.bpm);
  const title = phrase ? titleOf(phrase) : "";
  const name = phrase && `${phrase.tune} ${phrase.style} ${title} ${phrase.bpm}`;
  if (name === shown) return;
  if (phrase && shown?.split(" ")[0] !== `${phrase.tune}`) transport.tune(phrase.tune);
  shown = name;
  $("tune").textContent = phrase ? `Tune ${phrase.tune + 1}` : "Silence";
  $("style").textContent = phrase ? shortStyle(phrase.style) : "";
  $("title").textContent = title;
  $("tempo").textContent = phrase ? `${Math.round(phrase.bpm)} bpm` : "";
  $("set").textContent = phrase?.set ? `${phrase.set} in a set` : "";
  $("roll").setAttribute(
    "aria-label",
    phrase ? `Piano roll: tune ${phrase.tune + 1}, ${shortStyle(phrase.style)}` : "Piano roll",
  );
  pad.sounding(phrase?.style);
  if (phrase) transport.media.show(`Tune ${phrase.tune + 1}`, `${shortStyle(phrase.style)}, ${players}`);
}, UPDATE_MS);

// Return what is known of a tune, such as "jig in E♭ major, 6/8".
function titleOf({ kind, key, meter }) {
  const spelled = key?.replace(/^([A-G])b/, "$1♭").replace("#", "♯");
  const name = [kind, key && `in ${spelled}`].filter(Boolean).join(" ");
  return [name, meter].filter(Boolean).join(", ");
}

function showMessage(text) {
  $("message").textContent = text;
  $("message").classList.add("shown");
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => $("message").classList.remove("shown"), MESSAGE_MS);
}

// Show the reason, and restore the controls to the player's values.
function refused(reason) {
  showMessage(reason);
  EVENTS.controls(latest);
}

link.connect();
Object.assign(globalThis, { panel: { clock, recentPhrases, listen, link, radio } }); // for tests and debugging
