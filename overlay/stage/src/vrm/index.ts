/**
 * A VRM model on the stage: the same rig that moves our figure turns its bones and sets its expressions.
 *
 * The rest of the page is fetched without this file and without what it draws with.
 */
import type { Emotion } from "@haishin/common/protocol";
import { type VRM, VRMUtils } from "@pixiv/three-vrm";
import { AmbientLight, Box3, DirectionalLight, Scene, WebGLRenderer } from "three";
import { Rig } from "../avatar/rig.ts";
import { drawsInSoftware } from "../pace.ts";
import type { ModelRenderer, Open } from "../renderers.ts";
import { Body } from "./body.ts";
import { Bones } from "./bones.ts";
import { Face, type Offered } from "./face.ts";
import { load } from "./load.ts";
import { Sharpness } from "./sharpness.ts";
import { Camera, type Extent } from "./view.ts";

/** A page that was hidden must not make up for an hour in one frame; seconds. */
const LONGEST_FRAME = 0.25;
const LONGEST_STEP = 0.05;

export const open: Open = async (canvas, model, _failed, signal) => {
  const software = drawsInSoftware();
  const renderer = makeRenderer(canvas, software);
  let vrm: VRM | undefined;
  try {
    vrm = await load(model.url, signal);
    const drawn = new Model(canvas, renderer, vrm, model.mapping, software ? new Sharpness() : null);
    await drawn.prepare();
    return drawn;
  } catch (error) {
    if (vrm) VRMUtils.deepDispose(vrm.scene);
    renderer.dispose();
    throw error;
  }
};

function makeRenderer(canvas: HTMLCanvasElement, software: boolean): WebGLRenderer {
  try {
    return new WebGLRenderer({ canvas, alpha: true, antialias: !software, powerPreference: "high-performance" });
  } catch {
    throw new Error("this browser has no WebGL: turn hardware acceleration on");
  }
}

class Model implements ModelRenderer {
  readonly #canvas: HTMLCanvasElement;
  readonly #renderer: WebGLRenderer;
  readonly #vrm: VRM;
  readonly #scene = new Scene();
  readonly #camera: Camera;
  readonly #body: Body;
  readonly #face: Face;
  readonly #rig = new Rig(Math.random);
  /** Only where no graphics card draws. */
  readonly #sharpness: Sharpness | null;
  #emotion: Emotion = "neutral";
  #last: number | undefined;
  #time = 0;
  #elsewhere = 0;
  /** The pixels that the page gives, and those that are drawn. */
  #whole = { width: 0, height: 0 };
  #size = { width: 0, height: 0 };

  constructor(
    canvas: HTMLCanvasElement,
    renderer: WebGLRenderer,
    vrm: VRM,
    mapping: Record<string, Record<string, string>>,
    sharpness: Sharpness | null,
  ) {
    this.#canvas = canvas;
    this.#renderer = renderer;
    this.#vrm = vrm;
    this.#sharpness = sharpness;
    this.#scene.add(vrm.scene);
    light(this.#scene);
    const bones = new Bones(vrm);
    this.#camera = new Camera(extentOf(vrm, bones), bones.home("hips"));
    this.#body = new Body(bones);
    this.#face = new Face(offeredBy(vrm, bones), mapping);
    if (vrm.lookAt) vrm.lookAt.autoUpdate = false;
    this.#move(0);
    vrm.springBoneManager?.reset();
  }

  /** Bring everything to the graphics card, and draw the first picture. */
  async prepare(): Promise<void> {
    this.#fit();
    // Where the driver compiles beside the page, the sound and the captions do not wait for it.
    if (this.#renderer.extensions.has("KHR_parallel_shader_compile")) {
      await this.#renderer.compileAsync(this.#scene, this.#camera.three);
    }
    this.#renderer.render(this.#scene, this.#camera.three);
  }

  setLook(): void {
    // The streamer's model has its own.
  }

  remap(mapping: Record<string, Record<string, string>>): void {
    this.#face.remap(mapping);
  }

  setEmotion(emotion: Parameters<Rig["setEmotion"]>[0]): void {
    this.#emotion = emotion;
    this.#rig.setEmotion(emotion);
  }

  gesture(gesture: Parameters<Rig["gesture"]>[0]): void {
    this.#rig.gesture(gesture);
  }

  setState(state: Rig["state"]): void {
    this.#rig.setState(state);
    if (state === "stopped" || state === "offline") this.#face.setMouth(0, 0, null);
  }

  get state(): Rig["state"] {
    return this.#rig.state;
  }

  setMouth(open: number, form: number, shape: Parameters<Face["setMouth"]>[2] = null): void {
    this.#rig.setMouth(open, form);
    this.#face.setMouth(open, form, shape);
  }

  notice(what: Parameters<Rig["notice"]>[0]): void {
    this.#rig.notice(what);
  }

  parameters(): Record<string, number> {
    return { ...this.#rig.pose };
  }

  draw(nowMs: number): void {
    const passed = Math.min(LONGEST_FRAME, Math.max(0, (nowMs - (this.#last ?? nowMs)) / 1000));
    this.#last = nowMs;
    const steps = Math.max(1, Math.ceil(passed / LONGEST_STEP));
    for (let n = 0; n < steps; n++) this.#move(passed / steps);
    this.#fit();
    const timed = this.#sharpness?.due() ? performance.now() : 0;
    this.#renderer.render(this.#scene, this.#camera.three);
    this.#elsewhere = timed ? 0 : (this.#sharpness?.costMs ?? 0);
    if (timed) this.#look(timed);
  }

  /** What the last picture costs in another process, in ms: the page's pace counts it. */
  get elsewhereMs(): number {
    return this.#elsewhere;
  }

  dispose(): void {
    VRMUtils.deepDispose(this.#vrm.scene);
    this.#renderer.dispose();
    // The browser lets a page have few contexts: this one is given back at once.
    if (!this.#renderer.getContext().isContextLost()) this.#renderer.forceContextLoss();
  }

  #move(dt: number): void {
    this.#time += dt;
    const pose = this.#rig.step(dt);
    this.#body.apply(pose, this.#time, dt);
    this.#face.step(pose, this.#emotion, this.#rig.state, dt);
    this.#vrm.update(dt);
  }

  /** Wait until the picture that was begun at `since` is there, and draw the next ones as sharp as that allows. */
  #look(since: number): void {
    // Reading one pixel back waits for all of them; `finish` only promises to.
    const gl = this.#renderer.getContext();
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    if (this.#sharpness?.note(performance.now() - since)) this.#resize();
  }

  #fit(): void {
    const { width, height } = this.#canvas;
    if (width === this.#size.width && height === this.#size.height) return;
    this.#whole = { width, height };
    this.#resize();
  }

  #resize(): void {
    const share = this.#sharpness?.share ?? 1;
    this.#size = {
      width: Math.max(1, Math.round(this.#whole.width * share)),
      height: Math.max(1, Math.round(this.#whole.height * share)),
    };
    this.#renderer.setSize(this.#size.width, this.#size.height, false);
    this.#camera.fit(this.#size.width, this.#size.height);
  }
}

/** One key light from before, a little above and to the viewer's left, and a little around it; together they show a colour as it was painted. */
function light(scene: Scene): void {
  const key = new DirectionalLight(0xffffff, Math.PI * 0.86);
  key.position.set(-0.4, 0.6, 1.7);
  scene.add(key, new AmbientLight(0xffffff, Math.PI * 0.14));
}

function extentOf(vrm: VRM, bones: Bones): Extent {
  const box = new Box3().setFromObject(vrm.scene);
  const head = bones.home("head");
  return {
    hips: bones.home("hips").y,
    head: head.y,
    top: Number.isFinite(box.max.y) ? box.max.y : head.y,
    shoulders: bones.home("leftUpperArm").distanceTo(bones.home("rightUpperArm")),
  };
}

function offeredBy(vrm: VRM, bones: Bones): Offered {
  const manager = vrm.expressionManager;
  const { lookAt } = vrm;
  const jaw = vrm.humanoid.getNormalizedBoneNode("jaw");
  const sign = vrm.meta.metaVersion === "0" ? -1 : 1;
  return {
    names: manager?.expressions.map((one) => one.expressionName) ?? [],
    set: (name, weight) => manager?.setValue(name, weight),
    look: (yaw, pitch) => {
      if (!lookAt) return;
      lookAt.yaw = yaw;
      lookAt.pitch = -pitch;
    },
    jaw: (share) => {
      if (jaw && bones.has("jaw")) jaw.rotation.x = sign * 0.35 * share;
    },
  };
}
