/**
 * The stage: one socket, one voice, captions and the avatar.
 *
 * Sound, positions and stops live in messages and in the audio thread; the drawing loop only draws, since a
 * browser stops it when nobody looks.
 */
import { decodeFrame } from "@haishin/common/frames";
import type { Layout, Look, Marks, PageMessage, ServerMessage, Speak } from "@haishin/common/protocol";
import { ReconnectingSocket } from "@haishin/common/socket";
import { socketUrl, takeToken } from "@haishin/common/token";
import { Backdrop, isPlainTab, withScene } from "./backdrop.ts";
import { createBuiltin } from "./builtin/index.ts";
import { Captions } from "./captions.ts";

import { watchLabel } from "./layers/label.ts";
import { absent, dressPage, setUp } from "./layers/page.ts";

import { FollowingMouth, MouthDelay, MouthTrack } from "./mouth.ts";
import { browserClocks, drawAtPace, drawsInSoftware, Pace } from "./pace.ts";
import { Figure } from "./renderers.ts";
import { heardOf, Reports } from "./reports.ts";
import { Stats } from "./stats.ts";
import { EyesSide, StreamerSide } from "./streamer.ts";
import { type Timed, Voice } from "./voice.ts";

const FADE_MS = 8;
/** The host may be restarting: only then does the avatar doze off. */
const OFFLINE_MS = 4_000;

const query = new URLSearchParams(location.search);
const token = takeToken();
const { choice, language, layers, relay } = await setUp(query);
const zh = language.toLowerCase().startsWith("zh");

/** The panel tries out a model in this page: what it shows is no matter of the host's. */
const trial = query.get("trial") === "1";
const canvas = byId("avatar", HTMLCanvasElement);
const label = byId("label", HTMLElement);
const unmute = byId("unmute", HTMLButtonElement);
const captions = new Captions(byId("captions", HTMLElement));
const streamer = new StreamerSide(
  byId("ears", HTMLElement),
  byId("streamer", HTMLElement),
  zh ? "耳朵已关闭" : "ears off",
);
const sight = new EyesSide(byId("eyes", HTMLElement), zh ? "眼睛已睁开" : "eyes on");
const reports = new Reports();
const pace = new Pace(
  Math.min(120, Math.max(5, Number(query.get("fps")) || 120)),
  drawsInSoftware(),
  Number(query.get("cores")) || undefined,
);
const stats = new Stats(() => ({
  caption: captions.text,
  role,
  audio: voice.running ? "running" : "suspended",
  frameMs: pace.frameMs,
}));
/** Until the host says who it is. */
const LOOK: Look = {
  hair: "#6b7cff",
  hair_tip: "#b5a3ff",
  eyes: "#2fb7c9",
  skin: "#ffe6d8",
  outfit: "#2b2f4a",
  accent: "#ff8fb0",
  shirt: "#f6f0e8",
  scene: "#a8b8ff",
  style: "long",
  accessory: "none",
  face: "auto",
  body: "auto",
  clothes: "auto",
  stance: "auto",
  backdrop: "none",
  hour: "day",
};
const avatar = choice.figure
  ? new Figure(canvas, createBuiltin(canvas, LOOK), (told) => void (trial || send({ type: "model", ...told })))
  : absent<Figure>();
const backdrop = new Backdrop(byId("backdrop", HTMLCanvasElement));

let role: "audio" | "view" = "view";
let dozing: ReturnType<typeof setTimeout> | undefined;
/** Clauses that were announced and not finished; their looks take effect when they begin to be heard. */
const coming = new Map<string, Speak>();
/** What the audio thread says of the mouth, until it is heard; a page that is not heard follows the one that is. */
const mouth = new MouthDelay();
const following = new FollowingMouth();
const tracks = new Map<string, MouthTrack>();

const voice = new Voice(heard, tellAudio);
// Of several sources in OBS the one with the host in it makes the sound, unless an address says otherwise.
const usual = choice.figure && !choice.sample ? "audio" : "view";
const wanted = (query.get("role") ?? usual) === "view" ? "view" : "audio";
const address = (): string =>
  socketUrl("/ws/stage", {
    role: wanted,
    audio: voice.running ? "running" : "suspended",
    layers: [...choice.layers].join(","),
    platforms: choice.platforms.join(","),
    layout: choice.named,
    sounds: query.get("role") === "view" ? "" : "1",
    token,
  });
const socket = choice.sample
  ? absent<ReconnectingSocket>()
  : new ReconnectingSocket(address, {
      open: () => {
        clearTimeout(dozing);
        lookAtLabelAnew();
        tellAudio();
      },
      text: (data) => receive(JSON.parse(data) as ServerMessage),
      binary: (data) => {
        const frame = decodeFrame(data);
        if (!frame) {
          stats.count("badFrames");
          return;
        }
        if (frame.first) stats.mark("firstFrame");
        voice.order({
          type: "samples",
          epoch: frame.epoch,
          clause: frame.clause,
          data: frame.samples,
          last: frame.last,
        });
      },
      // A voice that nobody can stop is worse than a pause.
      lost: () => {
        hush();
        layers?.lost();
      },
    });

function hush(): void {
  voice.order({ type: "flush", fadeMs: FADE_MS });
  captions.cut();
  coming.clear();
  following.stop();
  clearTimeout(dozing);
  dozing = setTimeout(() => avatar.setState("offline"), OFFLINE_MS);
}

function send(message: PageMessage): void {
  socket.send(message);
}

function tellAudio(): void {
  unmute.hidden = wanted === "view" || voice.running;
  if (wanted === "audio") {
    send({ type: "audio", state: voice.running ? "running" : "suspended", latency_ms: voice.latencyMs });
  }
}

function receive(message: ServerMessage): void {
  if (message.type === "dress") dressPage(message, choice);
  layers?.receive(message);
  switch (message.type) {
    case "hello":
      role = message.role;
      dress(message);
      avatar.setState(message.state);
      avatar.setEmotion(message.emotion);
      break;
    case "role":
      role = message.role;
      if (role === "view") voice.order({ type: "flush", fadeMs: FADE_MS });
      break;
    case "settings":
      dress(message);
      break;
    case "layout":
      layOut(message.layout);
      break;
    case "translation":
      captions.translate(message.epoch, message.clause, message.text, message.language);
      break;
    case "state":
      if (message.state === "thinking" && avatar.state !== "thinking") avatar.notice("chat");
      avatar.setState(message.state);
      avatar.setEmotion(message.emotion);
      break;
    case "speak":
      speak(message);
      break;
    case "marks":
      marks(message);
      break;
    case "stop":
      stats.mark("stop");
      stop(message.epoch, message.fade_ms);
      break;
    case "duck":
      stats.mark("duck");
      voice.order({
        type: "duck",
        epoch: message.epoch,
        gain: message.gain,
        rampMs: message.ramp_ms,
        hold: message.hold,
      });
      break;
    case "resume":
      voice.order({ type: "resume", epoch: message.epoch, rampMs: message.ramp_ms });
      break;
    case "progress":
      begins(message.epoch, message.clause);
      captions.heard(message.epoch, message.clause, message.position_ms, message.duration_ms, true, message.finished);
      following.follow(
        tracks.get(`${message.epoch}/${message.clause}`) ?? null,
        message.position_ms,
        performance.now(),
        message.finished,
      );
      break;
    case "mood":
      avatar.setMood?.(message.emotion, message.strength);
      break;
    case "reaction":
      avatar.notice(message.kind, message.strength);
      break;
    case "ears":
      streamer.ears(message);
      break;
    case "eyes":
      sight.eyes(message);
      break;
    case "heard":
      streamer.heard(message);
      break;
    case "problem":
      console.warn("the host did not understand:", message.detail);
  }
}

type Dressing = Pick<Extract<ServerMessage, { type: "settings" }>, "look" | "model" | "captions" | "label">;
let dressedAs: Dressing | undefined;

function dress(look: Dressing): void {
  dressedAs = look;
  const whole = withScene(look.look, query);
  avatar.setLook(whole);
  if (!trial) avatar.wear(look.model);
  if (choice.figure) backdrop.show(whole);
  captions.style({ ...look.captions, show: look.captions.show && choice.layers.has("captions") });
  label.textContent = look.label;
  label.hidden = !look.label || !choice.layers.has("label");
}

/** The layout that the address names was changed: what it shows changes at once. */
function layOut(layout: Layout | null): void {
  if (!relay(layout)) {
    location.reload();
    return;
  }
  if (dressedAs) dress(dressedAs);
  fit();
}

function speak(message: Speak): void {
  const { epoch, clause, rate, from_ms: fromMs, silent_ms: silentMs } = message;
  coming.set(`${epoch}/${clause}`, message);
  if (clause === 0) tracks.clear();
  tracks.set(`${epoch}/${clause}`, new MouthTrack());
  captions.announce(epoch, clause, message.text, message.language, rate === 0 ? fromMs + silentMs : 0);
  if (role === "audio") voice.order({ type: "speak", epoch, clause, rate, fromMs, silentMs });
}

/** The voice says what it says when. */
function marks({ epoch, clause, words, visemes }: Marks): void {
  captions.mark(epoch, clause, words);
  if (role === "audio") voice.order({ type: "marks", epoch, clause, visemes });
  else tracks.get(`${epoch}/${clause}`)?.add(visemes);
}

/** A clause begins to be heard: now its face and its movements show. */
function begins(epoch: number, clause: number): void {
  const key = `${epoch}/${clause}`;
  const message = coming.get(key);
  if (!message) return;
  coming.delete(key);
  avatar.setEmotion(message.emotion);
  for (const gesture of message.gestures) avatar.gesture(gesture);
}

function stop(epoch: number, fadeMs: number): void {
  coming.clear();
  captions.cut();
  following.stop();
  if (role === "audio" && voice.running) voice.order({ type: "stop", epoch, fadeMs });
  else if (role === "audio") send({ type: "stopped", epoch, clause: -1, position_ms: 0 });
}

/** What the audio thread says. */
function heard(report: Timed): void {
  switch (report.type) {
    case "position":
      begins(report.epoch, report.clause);
      if (report.finished) avatar.notice("clauseEnd");
      if (report.finished) setTimeout(() => played(report), voice.latencyMs);
      else played(report);
      break;
    case "stopped":
      stats.took("stop", "stopMs");
      send({
        type: "stopped",
        epoch: report.epoch,
        clause: report.clause,
        position_ms: heardOf(report.ms, voice.latencyMs, true),
      });
      break;
    case "ducked":
      stats.took("duck", "duckMs");
      break;
    case "mouth":
      mouth.push(voice.heardAt(report.at) + report.in * 1000, report);
      break;
    case "underrun":
      stats.count("underruns");
  }
}

function played({ epoch, clause, ms, durationMs, complete, finished, at }: Extract<Timed, { type: "position" }>): void {
  if (role !== "audio") return;
  stats.took("firstFrame", "firstReportMs");
  const position = heardOf(ms, voice.latencyMs, finished);
  if (reports.due(epoch, clause, position, finished)) {
    send({ type: "playback", epoch, clause, position_ms: position, finished });
  }
  // The report may have waited for a picture: the audience is further by now.
  const now = finished ? ms : Math.max(0, ms + performance.now() - voice.heardAt(at));
  captions.heard(epoch, clause, now, durationMs, complete, finished);
}

// --- drawing --------------------------------------------------------------------------------------

/** Lips are drawn at most so much before what is heard at the moment of drawing, in ms. */
const MOST_LEAD_MS = 30;
let between = 16;
let drawnAt = performance.now();

function draw(now: number): number {
  const began = performance.now();
  // A picture stands until the next one: its lips are those of its middle.
  between += (Math.min(200, began - drawnAt) - between) * 0.2;
  drawnAt = began;
  const due = began + Math.min(MOST_LEAD_MS, Math.max(0, between / 2 - 8));
  const pose = role === "view" ? following.pose(began) : mouth.take(due);
  if (pose) {
    stats.mouth = pose;
    avatar.setMouth(pose.open, pose.form, pose.shape);
  }
  // Before the host, whose picture takes longer than a word may wait.
  captions.draw(began);
  avatar.draw(now);
  layers?.frame(now);
  stats.frame(now, performance.now() - began);
  return choice.figure ? avatar.elsewhereMs : 0;
}

function fit(): void {
  if (!choice.figure) return;
  avatar.fit(Math.min(2, devicePixelRatio || 1));
  void backdrop.fit();
}

function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page lacks #${id}`);
  return element;
}

document.body.classList.toggle("tab", isPlainTab(query, "obsstudio" in window));
const lookAtLabelAnew = choice.layers.has("label")
  ? watchLabel(label, (shown) => void send({ type: "label", shown }))
  : () => {};
unmute.textContent = zh ? "点一下，让我开口说话" : "Click to let me speak";
for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => void voice.unlock().then(tellAudio));
addEventListener("resize", fit);
fit();
// A page of other layers alone has nothing to draw by itself.
if (choice.named || choice.figure || choice.layers.has("captions")) {
  drawAtPace(draw, pace, () => avatar.state === "speaking", browserClocks());
}
if (wanted === "audio") {
  voice.open().then(tellAudio, (error: unknown) => console.warn("this browser cannot play sound:", error));
}
stats.expose();
if (trial) void import("./trial.ts").then(({ listen }) => listen(avatar));
if (choice.sample) {
  dress({
    look: LOOK,
    model: null,
    captions: { show: true, size_px: 40, position: "bottom" },
    label: zh ? "AI 生成" : "AI generated",
  });
  void import("./layers/sample.ts").then(({ play }) => play(receive, language, query.get("screen") ?? ""));
  void import("./layers/preview.ts").then(({ follow }) => follow(receive));
}
