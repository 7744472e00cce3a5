// The panel: events of the player are shown, what is moved here becomes wishes.

import { Clock } from "./clock.js";
import { Controls } from "./controls.js";
import { Instrument } from "./instrument.js";
import { Link } from "./link.js";
import { Listen } from "./listen.js";
import { Meters } from "./meters.js";
import { Music } from "./music.js";
import { Pad } from "./pad.js";
import { Roll, shortStyle } from "./roll.js";
import { Transport } from "./transport.js";
import { Wishes } from "./requests.js";

const $ = (id) => document.getElementById(id);
const SAID_FOR = 6000; // milliseconds
const LOOK = 250;

const clock = new Clock();
const music = new Music(clock);
const link = new Link("/events");
const listen = new Listen(music);
const wishes = new Wishes(link, refused);
const controls = new Controls(wishes);
const pad = new Pad($("pad"), wishes);
const instrument = new Instrument(link, say);
const transport = new Transport(link, listen, say);
const meters = new Meters();
new Roll($("roll"), music, matchMedia("(prefers-reduced-motion: reduce)"));

let told = {};
let shown = null;
let silence = 0;

const EVENTS = {
  hello(hello) {
    instrument.hello(hello);
    $("version").textContent = [hello.version && `version ${hello.version}`, `seed ${hello.seed}`]
      .filter(Boolean)
      .join(" · ");
  },
  controls(news) {
    told = news;
    controls.show(news);
    pad.show(news.style ?? "");
  },
  playing(playing) {
    music.setPlaying(playing);
    transport.show(playing);
  },
  outputs: (names) => instrument.outputs(names),
  ports: (ports) => instrument.ports(ports),
  map: (places) => pad.setPlaces(places),
  phrase: (phrase) => music.add(phrase),
  cut: (at) => music.cut(at),
  moved: ([from, delay]) => music.move(from, delay),
  notice: say,
  moment(moment) {
    clock.hear(moment.now);
    meters.moment(moment);
  },
};

for (const [name, listener] of Object.entries(EVENTS)) link.on(name, listener);

link.on("state", (state) => {
  clock.forget(); // the player may be another one, on another machine's clock
  clock.hear(state.now);
  if (state.hello?.voices) EVENTS.hello(state.hello);
  for (const name of ["map", "ports", "outputs", "controls", "playing"]) {
    if (name in state) EVENTS[name](state[name]);
  }
  if (state.moment) meters.moment(state.moment);
  music.replace(state.phrases);
  shown = null;
  transport.tune(null); // it may be another player, whose tunes have other numbers
});

link.on("standing", ({ connected, again }) => {
  document.body.classList.toggle("away", !connected);
  const wait = again < 1 ? "now" : `in ${Math.round(again)} s`;
  $("standing").textContent = connected ? "connected" : `not connected; next try ${wait}`;
});

// What sounds now, in words.
setInterval(() => {
  const phrase = music.at(music.now());
  const name = phrase && `${phrase.tune} ${phrase.style} ${phrase.bpm}`;
  if (name === shown) return;
  if (phrase && shown?.split(" ")[0] !== `${phrase.tune}`) transport.tune(phrase.tune);
  shown = name;
  $("tune").textContent = phrase ? `Tune ${phrase.tune + 1}` : "Silence";
  $("style").textContent = phrase ? shortStyle(phrase.style) : "";
  $("tempo").textContent = phrase ? `${Math.round(phrase.bpm)} bpm` : "";
  $("roll").setAttribute(
    "aria-label",
    phrase ? `Piano roll: tune ${phrase.tune + 1}, ${shortStyle(phrase.style)}` : "Piano roll",
  );
  pad.sounding(phrase?.style);
}, LOOK);

function say(text) {
  $("said").textContent = text;
  $("said").classList.add("shown");
  clearTimeout(silence);
  silence = setTimeout(() => $("said").classList.remove("shown"), SAID_FOR);
}

// What was refused is not as it is shown.
function refused(reason) {
  say(reason);
  EVENTS.controls(told);
}

link.connect();
Object.assign(globalThis, { panel: { clock, music, listen, link } }); // for whoever looks inside
