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
  | EyesMark
  | Heard
  | MoodMark
  | Reaction
  | Dress
  | ChatLine
  | ChatGone
  | Answering
  | Alert
  | Goals
  | VoteState
  | SegmentState
  | Screen
  | NowPlaying
  | Stinger
  | Translation
  | LayoutShown;
/**
 * The fourteen expressions that every avatar and persona knows.
 */
export type Emotion =
  | "neutral"
  | "joy"
  | "laugh"
  | "smug"
  | "surprise"
  | "shy"
  | "sad"
  | "angry"
  | "sleepy"
  | "thinking"
  | "love"
  | "worried"
  | "pout"
  | "confused";
/**
 * Short movements that a reply can ask for.
 */
export type Gesture =
  | "wave"
  | "nod"
  | "shake"
  | "wink"
  | "bow"
  | "bounce"
  | "point"
  | "think"
  | "cheer"
  | "heart"
  | "facepalm"
  | "shrug"
  | "tea";
/**
 * What a mouth looks like while it makes a sound: VRM's five vowels, and what they lack.
 */
export type MouthShape = "aa" | "ih" | "ou" | "ee" | "oh" | "nn" | "closed" | "rest";
/**
 * The themes that come with the page.
 */
export type Theme = "glass" | "paper" | "neon" | "ink";
/**
 * How a stinger covers the picture.
 */
export type StingerKind = "swipe" | "curtain" | "iris" | "stars";
/**
 * The layers of the stage page. ``FED`` names those for which the host sends something of their own.
 */
export type Layer =
  | "avatar"
  | "captions"
  | "label"
  | "streamer"
  | "chat"
  | "answer"
  | "alerts"
  | "goals"
  | "vote"
  | "segment"
  | "clock"
  | "playing"
  | "screens"
  | "stinger";
export type PageMessage = PlaybackReport | Stopped | AudioState | LabelSeen | ModelState;

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
  model: StageModel | null;
  captions: Captions;
  label: string;
  state: "idle" | "thinking" | "speaking" | "stopped";
  emotion: Emotion;
}
/**
 * Colours and shapes of the built-in avatar; each colour is ``#rrggbb``.
 *
 * ``scene`` is the light that the surroundings throw on its edges; a drawn ``backdrop`` brings its own. A shape that
 * is "auto" is the one that the haircut is usually worn with.
 */
export interface Look {
  hair: string;
  hair_tip: string;
  eyes: string;
  skin: string;
  outfit: string;
  accent: string;
  shirt: string;
  scene: string;
  style: "long" | "bob" | "twintails" | "short" | "tied" | "tuft";
  accessory: "none" | "ribbon" | "headphones" | "flower" | "antenna" | "glasses" | "ears" | "star" | "feelers";
  face: "auto" | "soft" | "round" | "slender" | "angular" | "boyish" | "creature";
  body: "auto" | "woman" | "girl" | "man" | "creature";
  clothes: "auto" | "coat" | "courier" | "robe" | "hoodie" | "waistcoat" | "fur";
  stance: "auto" | "hip" | "calm" | "clasped" | "pockets" | "casual" | "paws";
  backdrop: "none" | "study" | "cafe" | "city" | "seaside" | "shrine" | "cabin";
  hour: "day" | "night";
}
/**
 * The streamer's own model, in the place of the built-in figure; ``url`` is its main file on this server.
 *
 * ``mapping`` has groups ("emotions", "gestures", "parameters", …) of names of ours to names of the model's. With
 * "none" the page draws no figure: another program does.
 */
export interface StageModel {
  kind: "vrm" | "live2d" | "none";
  name: string;
  url: string;
  credit: string;
  mapping: {
    [k: string]: {
      [k: string]: string;
    };
  };
}
/**
 * How captions look.
 */
export interface Captions {
  show: boolean;
  size_px: number;
  position: "bottom" | "top" | "beside";
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
  model: StageModel | null;
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
 * Whether the host sees the picture of the stream; ``open`` is shown plainly, where ``shown``.
 */
export interface EyesMark {
  type: "eyes";
  open: boolean;
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
 * What the host feels between its sentences: it colours the face where no clause has a feeling of its own.
 */
export interface MoodMark {
  type: "mood";
  emotion: Emotion;
  strength: number;
}
/**
 * Something happened that a living figure reacts to at once.
 */
export interface Reaction {
  type: "reaction";
  kind: "gift" | "raid" | "laughter" | "welcome" | "chat";
  strength: number;
}
/**
 * How the layers look. ``css`` is the version of the streamer's own style (0: none), ``sources`` the platforms.
 *
 * ``volume`` is that of the alerts' sounds, 0 for none. ``files`` are the streamer's own sounds and pictures of alerts
 * by their names in addresses ("sound-3", "image-0"), each with its version.
 */
export interface Dress {
  type: "dress";
  theme: Theme;
  css: number;
  sources: string[];
  volume: number;
  files: {
    [k: string]: number;
  };
}
/**
 * A line of a viewer, or what they gave. ``key`` names it in `ChatGone`; gifts with one ``combo`` are one line.
 *
 * ``tier`` is 0 for a line that nobody paid for, else 1 (small) to 4 (very large).
 */
export interface ChatLine {
  type: "chat";
  key: string;
  source: string;
  author: string;
  role: "" | "broadcaster" | "moderator" | "vip" | "subscriber" | "bot";
  kind: string;
  parts: Part[];
  amount: string;
  item: string;
  count: number;
  combo: string;
  tier: number;
}
/**
 * A stretch of a line; ``emote`` is where its picture is on this server, empty for words.
 */
export interface Part {
  text: string;
  emote: string;
}
/**
 * Lines that were deleted: off the screen at once, and out of alerts and whatever else shows them.
 */
export interface ChatGone {
  type: "chat_gone";
  keys: string[];
}
/**
 * The message that is being answered; without a ``key`` none is.
 */
export interface Answering {
  type: "answer";
  key: string;
  source: string;
  author: string;
  kind: string;
  text: string;
  more: number;
}
/**
 * What somebody gave: ``line`` is the host's own, ``text`` the viewer's. Each ``id`` is told once.
 *
 * Of all open pages one is told to make the ``sound``, so that it is never heard twice.
 */
export interface Alert {
  type: "alert";
  id: string;
  source: string;
  kind: string;
  author: string;
  line: string;
  text: string;
  amount: string;
  item: string;
  count: number;
  combo: string;
  tier: number;
  sound: boolean;
}
/**
 * All goals, and the level of the platform's hype train (0: none runs).
 */
export interface Goals {
  type: "goals";
  goals: GoalState[];
  hype: number;
}
/**
 * How far a goal is.
 */
export interface GoalState {
  title: string;
  value: number;
  target: number;
  unit: string;
}
/**
 * The vote or the question that is on; without a ``title`` none is. ``counts`` is empty for a question.
 */
export interface VoteState {
  type: "vote";
  kind: string;
  title: string;
  choices: string[];
  counts: number[];
  number: number;
  total: number;
  left_s: number;
  answer: string;
}
/**
 * The segment on air, and what comes next with its time of day; ``left_s`` is null when it has no length.
 */
export interface SegmentState {
  type: "segment";
  name: string;
  kind: string;
  left_s: number | null;
  length_s: number | null;
  next: string;
}
/**
 * Where the show stands; the page covers the picture in all states but ``live``.
 */
export interface Screen {
  type: "screen";
  state: "offline" | "starting" | "live" | "break" | "technical" | "ending";
}
/**
 * What is being played, and by whom; without a ``title`` nothing is.
 */
export interface NowPlaying {
  type: "playing";
  title: string;
  by: string;
}
/**
 * Cover the picture for a moment and open it again, for a change of scene; ``text`` stands on the cover.
 */
export interface Stinger {
  type: "stinger";
  kind: StingerKind;
  text: string;
}
/**
 * A clause in the second language of the captions; it comes when it is ready, or not at all.
 */
export interface Translation {
  type: "translation";
  epoch: number;
  clause: number;
  text: string;
  language: string;
}
/**
 * The layout that the page's address names, now and at each change; null when there is none of that name.
 */
export interface LayoutShown {
  type: "layout";
  layout: Layout | null;
}
/**
 * What a page shows, and where. Boxes that come later lie above.
 */
export interface Layout {
  shape: "wide" | "tall";
  theme: Theme | null;
  /**
   * @maxItems 12
   */
  platforms: string[];
  /**
   * @minItems 1
   * @maxItems 14
   */
  boxes: Box[];
}
/**
 * Where a layer stands: its upper left corner, width and height in percent of the page, and the size of letters.
 */
export interface Box {
  layer: Layer;
  x: number;
  y: number;
  w: number;
  h: number;
  size: number;
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
/**
 * Whether the AI label can be seen in the page; a style of the streamer's own may hide it.
 */
export interface LabelSeen {
  type: "label";
  shown: boolean;
}
/**
 * From a page: whether it shows the streamer's own model; with "failed" it shows our figure, and says why.
 */
export interface ModelState {
  type: "model";
  name: string;
  state: "shown" | "failed";
  detail: string;
}
