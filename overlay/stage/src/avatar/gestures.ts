import type { Gesture } from "@haishin/common/protocol";
import type { Pose } from "./pose.ts";
import { smoothstep } from "./spring.ts";

interface Motion {
  readonly seconds: number;
  /** Add to the pose at share `t` of the gesture; `fade` eases in and out. */
  add(pose: Pose, t: number, fade: number): void;
}

/** Gestures that wait while another plays; more are forgotten, as a reply may ask for any number. */
const WAITING = 3;

const swing = (t: number, times: number): number => Math.sin(t * times * 2 * Math.PI);

/** All movements: a reply asks for them, and the figure makes some of its own accord. */
export type Movement = Gesture;

/** Up, held, and down again. */
const hold = (t: number, up: number, down: number): number => smoothstep(0, up, t) * (1 - smoothstep(down, 1, t));

export const MOTIONS: Record<Movement, Motion> = {
  wave: {
    seconds: 2.4,
    add: (pose, t, fade) => {
      pose.ParamArmWave += smoothstep(0, 0.16, t) * (1 - smoothstep(0.84, 1, t));
      pose.ParamAngleZ += -7 * fade + 1.5 * swing(t, 4) * fade;
      pose.ParamBodyAngleZ += -3 * fade;
      pose.ParamMouthForm += 0.4 * fade;
    },
  },
  nod: {
    seconds: 1.3,
    add: (pose, t, fade) => {
      const down = Math.max(0, swing(t, 2) * (1 - 0.35 * t));
      pose.ParamAngleY -= 20 * down * fade;
      pose.ParamBodyAngleY -= 1.5 * down * fade;
      pose.ParamArmNod += hold(t, 0.22, 0.72);
      pose.ParamEyeLOpen *= 1 - 0.35 * down;
      pose.ParamEyeROpen *= 1 - 0.35 * down;
    },
  },
  shake: {
    seconds: 1.6,
    add: (pose, t, fade) => {
      pose.ParamAngleX += 21 * swing(t, 2.5) * fade;
      pose.ParamEyeBallX -= 0.5 * swing(t, 2.5) * fade;
      pose.ParamBodyAngleX -= 2 * fade;
      pose.ParamArmShake += hold(t, 0.2, 0.76);
      pose.ParamBrowLAngle += 0.3 * fade;
      pose.ParamBrowRAngle += 0.3 * fade;
    },
  },
  wink: {
    seconds: 1,
    add: (pose, t, fade) => {
      const shut = smoothstep(0.05, 0.2, t) * (1 - smoothstep(0.72, 0.95, t));
      pose.ParamEyeLOpen *= 1 - shut;
      pose.ParamEyeLSmile = Math.max(pose.ParamEyeLSmile, shut);
      pose.ParamAngleZ += 9 * fade;
      pose.ParamBrowLY -= 0.3 * shut;
      pose.ParamMouthForm += 0.6 * fade;
      pose.ParamCheek += 0.2 * fade;
      pose.ParamSparkle = Math.max(pose.ParamSparkle, 0.9 * shut);
    },
  },
  bow: {
    seconds: 1.9,
    add: (pose, t, fade) => {
      const down = smoothstep(0, 0.3, t) * (1 - smoothstep(0.62, 1, t));
      pose.ParamAngleY -= 20 * down;
      pose.ParamBodyAngleY -= 10 * down;
      pose.ParamArmBow += hold(t, 0.2, 0.74);
      pose.ParamEyeLOpen *= 1 - down;
      pose.ParamEyeROpen *= 1 - down;
      pose.ParamMouthForm += 0.2 * fade;
    },
  },
  bounce: {
    seconds: 1.3,
    add: (pose, t, fade) => {
      const hop = Math.abs(swing(t, 1.5)) * (1 - 0.45 * t);
      pose.ParamBodyAngleY += (12 * hop - 2) * fade;
      pose.ParamAngleY += (5 - 9 * hop) * fade;
      pose.ParamAngleZ += 4 * swing(t, 1.5) * fade;
      pose.ParamShoulderY += 0.6 * hop;
      pose.ParamMouthForm += 0.3 * fade;
      pose.ParamArmCheer += 0.62 * hold(t, 0.2, 0.75);
    },
  },
  cheer: {
    seconds: 1.9,
    add: (pose, t, fade) => {
      pose.ParamArmCheer += hold(t, 0.16, 0.8);
      pose.ParamBodyAngleY += 6 * Math.abs(swing(t, 1.5)) * fade;
      pose.ParamAngleY += 5 * fade;
      pose.ParamMouthForm += 0.4 * fade;
    },
  },
  point: {
    seconds: 2.2,
    add: (pose, t, fade) => {
      pose.ParamArmPoint += hold(t, 0.18, 0.8);
      pose.ParamAngleX += 5 * fade;
      pose.ParamAngleZ += 4 * fade;
      pose.ParamAngleY -= 3 * Math.max(0, swing(t, 2)) * fade;
    },
  },
  heart: {
    seconds: 2.8,
    add: (pose, t, fade) => {
      pose.ParamArmHeart += hold(t, 0.2, 0.82);
      pose.ParamAngleZ += 7 * fade;
      pose.ParamMouthForm += 0.5 * fade;
      pose.ParamCheek += 0.2 * fade;
    },
  },
  think: {
    seconds: 3,
    add: (pose, t, fade) => {
      pose.ParamArmThink = Math.max(pose.ParamArmThink, hold(t, 0.2, 0.8));
      pose.ParamEyeBallX += 0.6 * fade;
      pose.ParamEyeBallY += 0.6 * fade;
      pose.ParamAngleY += 4 * fade;
      pose.ParamAngleZ += (6 + 2 * swing(t, 1)) * fade;
      pose.ParamBrowLY += 0.4 * fade;
    },
  },
  shrug: {
    seconds: 2,
    add: (pose, t, fade) => {
      const up = hold(t, 0.2, 0.72);
      pose.ParamArmShrug += up;
      pose.ParamShoulderY += 0.9 * up;
      pose.ParamAngleZ += 9 * fade;
      pose.ParamAngleY -= 2 * fade;
      pose.ParamBrowLY += 0.5 * fade;
      pose.ParamBrowRY += 0.3 * fade;
      pose.ParamMouthForm -= 0.3 * fade;
    },
  },
  facepalm: {
    seconds: 2.6,
    add: (pose, t, fade) => {
      pose.ParamArmFacepalm += hold(t, 0.2, 0.78);
      pose.ParamAngleY -= 13 * fade;
      pose.ParamAngleZ += 5 * fade;
      pose.ParamEyeLOpen *= 1 - fade;
      pose.ParamEyeROpen *= 1 - fade;
      pose.ParamShoulderY -= 0.5 * fade;
      pose.ParamMouthForm -= 0.8 * fade;
    },
  },
  tea: {
    seconds: 8,
    add: (pose, t) => {
      const sip = smoothstep(0.28, 0.4, t) * (1 - smoothstep(0.56, 0.66, t));
      pose.ParamArmTea += hold(t, 0.12, 0.88);
      pose.ParamArmSip += sip;
      pose.ParamAngleY += (smoothstep(0.4, 0.46, t) * (1 - smoothstep(0.54, 0.6, t)) * 2 - 1) * 4 * sip;
      pose.ParamEyeLOpen *= 1 - sip;
      pose.ParamEyeROpen *= 1 - sip;
      pose.ParamEyeLSmile = Math.max(pose.ParamEyeLSmile, 0.5 * sip);
      pose.ParamEyeRSmile = Math.max(pose.ParamEyeRSmile, 0.5 * sip);
      pose.ParamMouthForm += 0.3 * hold(t, 0.66, 0.95);
    },
  },
};

/** Plays gestures one after another. */
export class Gestures {
  #queue: Movement[] = [];
  #time = 0;

  /** Ask for one. */
  push(gesture: Movement): void {
    if (this.#queue.length <= WAITING && Object.hasOwn(MOTIONS, gesture)) this.#queue.push(gesture);
  }

  /** Whether one plays or waits. */
  get busy(): boolean {
    return this.#queue.length > 0;
  }

  /** Forget all, as a stop does. */
  clear(): void {
    this.#queue = [];
    this.#time = 0;
  }

  /** Move on and add what is playing to the pose. */
  step(pose: Pose, dt: number): void {
    const [now] = this.#queue;
    if (!now) return;
    const motion = MOTIONS[now];
    this.#time += dt;
    const t = this.#time / motion.seconds;
    if (t >= 1) {
      this.#queue.shift();
      this.#time = 0;
      return;
    }
    motion.add(pose, t, smoothstep(0, 0.2, t) * (1 - smoothstep(0.75, 1, t)));
  }
}
