// Made from bot/stage/protocol.py by `npm run protocol`. Do not edit: a test compares the two.

export type ServerMessage =
  | Hello
  | RoleChange
  | Speak
  | Marks
  | End
  | Stop
  | Duck
  | Resume
  | Progress
  | State
  | Settings
  | Problem
  | EarsMark
  | Heard;
/**
 * The ten expressions that every avatar and persona knows.
 */
export type Emotion =
  "neutral" | "joy" | "laugh" | "smug" | "surprise" | "shy" | "sad" | "angry" | "sleepy" | "thinking";
/**
 * Short movements that a reply can ask for.
 */
export type Gesture = "wave" | "nod" | "shake" | "wink" | "bow" | "bounce";
/**
 * What a mouth looks like while it makes a sound: VRM's five vowels, and what they lack.
 */
export type MouthShape = "aa" | "ih" | "ou" | "ee" | "oh" | "nn" | "closed" | "rest";
export type PageMessage = PlaybackReport | Stopped | AudioState;

export interface Protocol {
  ServerMessage: ServerMessage;
  PageMessage: PageMessage;
}
/**
 * First message on every stage socket. ``role`` is what was granted, not what was asked.
 */
export interface Hello {
  type: "hello";
  role: "audio" | "view";
  epoch: number;
  name: string;
  look: Look;
  captions: Captions;
  label: string;
  state: "idle" | "thinking" | "speaking" | "stopped";
  emotion: Emotion;
}
/**
 * Colours and shapes of the built-in avatar; each colour is ``#rrggbb``.
 */
export interface Look {
  hair: string;
  hair_tip: string;
  eyes: string;
  skin: string;
  outfit: string;
  accent: string;
  style: "long" | "bob" | "twintails" | "short";
  accessory: "none" | "ribbon" | "headphones" | "flower" | "antenna" | "glasses" | "ears";
}
/**
 * How captions look.
 */
export interface Captions {
  show: boolean;
  size_px: number;
  position: "bottom" | "top";
}
/**
 * The page now has, or no longer has, the right to make sound.
 */
export interface RoleChange {
  type: "role";
  role: "audio" | "view";
}
/**
 * A clause begins. Its sound follows in binary frames, from ``from_ms`` on (a resync; else 0).
 *
 * ``rate`` 0 means that no sound comes: show the text for ``silent_ms``, counted by the page, and
 * report positions as if it were heard.
 */
export interface Speak {
  type: "speak";
  epoch: number;
  clause: number;
  text: string;
  language: string;
  emotion: Emotion;
  gestures: Gesture[];
  rate: number;
  from_ms: number;
  silent_ms: number;
}
/**
 * More words and shapes of a clause, in the order of their times: they come with the sound, or before it.
 *
 * A page that comes in mid-sentence is sent all of them again. Of a voice that knows none there are none.
 */
export interface Marks {
  type: "marks";
  epoch: number;
  clause: number;
  words: WordMark[];
  visemes: MouthMark[];
}
/**
 * A word is heard from ``at_ms`` of its clause on; ``chars`` of the text, in units of UTF-16, come before it.
 */
export interface WordMark {
  at_ms: number;
  chars: number;
}
/**
 * The mouth has a shape from ``at_ms`` of its clause on, as far as there is sound to be heard.
 */
export interface MouthMark {
  at_ms: number;
  shape: MouthShape;
}
/**
 * The turn has no clause after number ``clauses - 1``.
 */
export interface End {
  type: "end";
  epoch: number;
  clauses: number;
}
/**
 * Fade out within ``fade_ms``, forget every epoch up to this one, answer with `Stopped`.
 */
export interface Stop {
  type: "stop";
  epoch: number;
  fade_ms: number;
}
/**
 * The streamer speaks over the host: bring the sound of an epoch down to ``gain`` within ``ramp_ms``.
 *
 * With ``hold`` it stands still once it is down, and goes on at the same sample after `Resume`. Captions stay.
 */
export interface Duck {
  type: "duck";
  epoch: number;
  gain: number;
  ramp_ms: number;
  hold: boolean;
}
/**
 * Bring the sound of an epoch back up within ``ramp_ms``; what stood still goes on.
 */
export interface Resume {
  type: "resume";
  epoch: number;
  ramp_ms: number;
}
/**
 * To view pages: what the audio page has played, so that captions and mouth follow it.
 */
export interface Progress {
  type: "progress";
  epoch: number;
  clause: number;
  position_ms: number;
  duration_ms: number;
  finished: boolean;
}
/**
 * What the host is doing, for idle life, the thinking pose and the panic picture.
 */
export interface State {
  type: "state";
  state: "idle" | "thinking" | "speaking" | "stopped";
  emotion: Emotion;
}
/**
 * Look and captions were changed while on air.
 */
export interface Settings {
  type: "settings";
  name: string;
  look: Look;
  captions: Captions;
  label: string;
}
/**
 * The page's last frame was not understood, in words.
 */
export interface Problem {
  type: "problem";
  detail: string;
}
/**
 * Whether the host hears the streamer: "off" is shown plainly, where ``shown``; "waiting" is a button not held.
 *
 * With "off" a page takes away what it shows of the streamer's words.
 */
export interface EarsMark {
  type: "ears";
  state: "none" | "off" | "waiting" | "listening";
  shown: boolean;
}
/**
 * What the streamer says, for captions; ``final`` when it will not change any more.
 */
export interface Heard {
  type: "heard";
  text: string;
  language: string;
  final: boolean;
}
/**
 * What was heard of a clause so far; sent about every 64 ms while it plays, and once when finished.
 */
export interface PlaybackReport {
  type: "playback";
  epoch: number;
  clause: number;
  position_ms: number;
  finished: boolean;
}
/**
 * The page is silent. ``clause`` is -1 when nothing of the epoch had been heard.
 */
export interface Stopped {
  type: "stopped";
  epoch: number;
  clause: number;
  position_ms: number;
}
/**
 * Whether the page can make sound: a browser tab cannot until it was clicked (OBS always can).
 */
export interface AudioState {
  type: "audio";
  state: "running" | "suspended";
  latency_ms: number;
}
