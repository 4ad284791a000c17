import type { State } from "./expressions.ts";
import type { Pose } from "./pose.ts";
import { approach, smoothstep } from "./spring.ts";

/** Lids fall faster than they rise, seconds. */
const CLOSING = 0.07;
const OPENING = 0.13;
/** Share of blinks that come as two. */
const DOUBLE = 0.18;

/** Blinks at natural intervals: about every three and a half seconds, irregularly, sometimes twice. */
export class Blink {
  #next: number;
  #at = Number.POSITIVE_INFINITY;
  #again = false;

  constructor(readonly random: () => number) {
    this.#next = 1 + 2 * random();
  }

  /** Blink at once, unless it has just been done. */
  now(): void {
    if (this.#at > 0.6) this.#next = 0;
  }

  /** Share by which the lids are shut, 0 to 1, `dt` seconds later. */
  step(dt: number): number {
    this.#next -= dt;
    if (this.#next <= 0) {
      this.#at = 0;
      this.#again = !this.#again && this.random() < DOUBLE;
      this.#next = this.#again ? 0.3 : 1.6 + 4 * this.random() ** 1.4;
      return 0;
    }
    this.#at += dt;
    if (this.#at < CLOSING) return smoothstep(0, CLOSING, this.#at);
    return 1 - smoothstep(CLOSING, CLOSING + OPENING, this.#at);
  }
}

/** Eyes jump and rest; now and then they go to the chat, which most layouts have at the side. */
export class Gaze {
  x = 0;
  y = 0;
  #targetX = 0;
  #targetY = 0;
  #next = 1;

  constructor(readonly random: () => number) {}

  /** Look over to the chat for a moment. */
  aside(): void {
    this.#targetX = 0.5 + 0.2 * this.random();
    this.#targetY = -0.15;
    this.#next = 0.7 + 0.5 * this.random();
  }

  step(dt: number, attentive: boolean): void {
    this.#next -= dt;
    if (this.#next <= 0) {
      const away = this.random() < (attentive ? 0.18 : 0.35);
      this.#targetX = away ? 0.35 + 0.35 * this.random() : (this.random() - 0.5) * 0.3;
      this.#targetY = away ? (this.random() - 0.6) * 0.6 : (this.random() - 0.5) * 0.2;
      if (away && this.random() < 0.3) this.#targetX *= -1;
      this.#next = away ? 0.6 + 1.2 * this.random() : 0.9 + 2.6 * this.random();
    }
    this.x = approach(this.x, this.#targetX, 22, dt);
    this.y = approach(this.y, this.#targetY, 22, dt);
  }
}

/** A slow wander without repetition: three sines whose periods have no common measure. `seed` parts the channels. */
export function wander(time: number, seed: number): number {
  return (
    Math.sin(time * 0.53 + seed * 1.7) * 0.5 +
    Math.sin(time * 0.311 + seed * 4.1) * 0.32 +
    Math.sin(time * 0.977 + seed * 2.3) * 0.18
  );
}

/** How lively each state is. */
const LIVELY: Record<State, number> = { idle: 1, thinking: 0.7, speaking: 1.35, stopped: 0, offline: 0.25 };
/** Breaths a second: calm when dozing, quicker when talking. */
const BREATHS: Record<State, number> = { idle: 0.27, thinking: 0.25, speaking: 0.33, stopped: 0.22, offline: 0.16 };

/** What a living being does without wanting to: breath, blinks, glances, sways, a smile now and then. */
export class Life {
  readonly #blink: Blink;
  readonly #gaze: Gaze;
  #time = 0;
  #breath = 0;
  #lively = 1;
  #smile = 0;
  #smileFor = 0;
  #smileIn = 9;
  #lean = 0;
  #leanTarget = 0;
  #leanIn = 4;

  constructor(readonly random: () => number) {
    this.#blink = new Blink(random);
    this.#gaze = new Gaze(random);
  }

  blinkNow(): void {
    this.#blink.now();
  }

  glance(): void {
    this.#gaze.aside();
  }

  /** Add life to the pose. `voice` is how open the mouth is: speech moves the head. */
  step(pose: Pose, state: State, voice: number, dt: number): void {
    this.#time += dt;
    this.#lively = approach(this.#lively, LIVELY[state], 2, dt);
    const k = this.#lively;
    const t = this.#time;

    this.#breath += dt * BREATHS[state] * 2 * Math.PI;
    pose.ParamBreath += 0.5 - 0.5 * Math.cos(this.#breath);

    const shut = this.#blink.step(dt);
    pose.ParamEyeLOpen *= 1 - shut;
    pose.ParamEyeROpen *= 1 - shut;

    this.#gaze.step(dt, state === "speaking");
    pose.ParamEyeBallX += this.#gaze.x * k;
    pose.ParamEyeBallY += this.#gaze.y * k;

    this.#shiftWeight(dt);
    pose.ParamAngleX += (wander(t, 1) * 7 + this.#gaze.x * 5 + this.#lean * 2) * k;
    pose.ParamAngleY += (wander(t, 2) * 4 + this.#gaze.y * 2 + voice * 2.2) * k;
    pose.ParamAngleZ += (wander(t, 3) * 3.6 + this.#lean * 2.6 + voice * wander(t * 3, 6) * 2) * k;
    pose.ParamBodyAngleX += (wander(t * 0.8, 4) * 2.6 + this.#lean * 2.4) * k;
    pose.ParamBodyAngleZ += (wander(t * 0.7, 5) * 1.4 + this.#lean * 1.8) * k;
    pose.ParamBodyAngleY += voice * 0.5 * k;

    this.#smileNow(dt, state);
    pose.ParamMouthForm += this.#smile * 0.4;
    pose.ParamCheek += this.#smile * 0.15;
  }

  #shiftWeight(dt: number): void {
    this.#leanIn -= dt;
    if (this.#leanIn <= 0) {
      this.#leanTarget = (this.random() - 0.5) * 2;
      this.#leanIn = 4 + 6 * this.random();
    }
    this.#lean = approach(this.#lean, this.#leanTarget, 1.6, dt);
  }

  #smileNow(dt: number, state: State): void {
    this.#smileIn -= dt;
    this.#smileFor -= dt;
    if (this.#smileIn <= 0) {
      this.#smileFor = 2 + 2 * this.random();
      this.#smileIn = 12 + 14 * this.random();
    }
    this.#smile = approach(this.#smile, this.#smileFor > 0 && state === "idle" ? 1 : 0, 3, dt);
  }
}
