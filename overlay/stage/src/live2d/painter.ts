/**
 * Draws the shapes of a Cubism model with WebGL 2: textured triangles in their order, with masks, the three ways to
 * blend, and colours to multiply with and to screen. Masks are painted first, four to a texture's tile, one in each
 * colour channel.
 */
import { type CoreDrawables, type CoreModel, Shape, VISIBLE } from "./core.ts";

/** Side of the texture of masks, in pixels. */
const MASKS = 1024;
const CHANNELS = 4;
/** A mask's tile is larger than what it covers by this part on each side. */
const MARGIN = 0.05;

const VERTEX = `#version 300 es
in vec2 place;
in vec2 texel;
uniform vec4 view;
uniform vec4 tile;
out vec2 uv;
out vec2 inMask;
void main() {
  uv = vec2(texel.x, 1.0 - texel.y);
  inMask = place * tile.xy + tile.zw;
  gl_Position = vec4(place * view.xy + view.zw, 0.0, 1.0);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec2 uv;
in vec2 inMask;
uniform sampler2D skin;
uniform sampler2D masks;
uniform vec4 channel;
uniform vec4 within;
uniform float inverted;
uniform float opacity;
uniform vec3 multiplied;
uniform vec3 screened;
out vec4 colour;
void main() {
  vec4 c = texture(skin, uv);
  c.rgb *= multiplied;
  c.rgb += screened * c.a - screened * c.rgb;
  float cover = 1.0;
  if (dot(channel, vec4(1.0)) > 0.5) {
    bool inside = all(greaterThanEqual(inMask, within.xy)) && all(lessThanEqual(inMask, within.zw));
    cover = inside ? dot(texture(masks, inMask), channel) : 0.0;
    cover = mix(cover, 1.0 - cover, inverted);
  }
  colour = c * (opacity * cover);
}`;
/** Most shapes have neither a mask nor colours of their own. */
const PLAIN_FRAGMENT = `#version 300 es
precision mediump float;
in vec2 uv;
in vec2 inMask;
uniform sampler2D skin;
uniform float opacity;
out vec4 colour;
void main() {
  colour = texture(skin, uv) * opacity;
}`;
const MASK_FRAGMENT = `#version 300 es
precision mediump float;
in vec2 uv;
in vec2 inMask;
uniform sampler2D skin;
out vec4 colour;
void main() {
  colour = vec4(texture(skin, uv).a);
}`;

/** From the model's places to the screen: `x * sx + tx`, `y * sy + ty`, in clip coordinates. */
export interface View {
  readonly sx: number;
  readonly sy: number;
  readonly tx: number;
  readonly ty: number;
}

/** Shapes that the same shapes mask. */
interface MaskSet {
  readonly shapes: readonly number[];
  readonly channel: readonly [number, number, number, number];
  /** Its tile in the texture, 0 to 1. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
  /** From the model's places into the texture: scale and offset. */
  map: readonly [number, number, number, number];
  empty: boolean;
}

interface Program {
  readonly program: WebGLProgram;
  uniform(name: string): WebGLUniformLocation | null;
}

export class Painter {
  readonly #gl: WebGL2RenderingContext;
  readonly #model: CoreModel;
  readonly #skins: WebGLTexture[] = [];
  readonly #shapes: Program;
  readonly #plain: Program;
  readonly #masking: Program;
  readonly #vertices: WebGLBuffer;
  readonly #array: WebGLVertexArrayObject;
  readonly #places: Float32Array;
  /** Where a shape's vertices and its indices begin. */
  readonly #firstVertex: number[] = [];
  readonly #firstIndex: number[] = [];
  readonly #sets: MaskSet[] = [];
  readonly #setOf: (MaskSet | null)[] = [];
  readonly #maskTexture: WebGLTexture;
  readonly #maskFrame: WebGLFramebuffer;
  readonly #order: number[] = [];
  #culls: boolean | null = null;
  #blend = -1;

  /** Take a context, a model of the Core, and its textures in their order. */
  constructor(gl: WebGL2RenderingContext, model: CoreModel, textures: readonly TexImageSource[]) {
    this.#gl = gl;
    this.#model = model;
    const { drawables } = model;
    this.#shapes = program(gl, VERTEX, FRAGMENT);
    this.#plain = program(gl, VERTEX, PLAIN_FRAGMENT);
    this.#masking = program(gl, VERTEX, MASK_FRAGMENT);
    for (const texture of textures) this.#skins.push(skin(gl, texture));
    let vertices = 0;
    let indices = 0;
    for (let n = 0; n < drawables.count; n++) {
      this.#firstVertex.push(vertices);
      this.#firstIndex.push(indices);
      vertices += (drawables.vertexPositions[n]?.length ?? 0) / 2;
      indices += drawables.indices[n]?.length ?? 0;
    }
    this.#places = new Float32Array(2 * vertices);
    this.#array = made(gl.createVertexArray());
    gl.bindVertexArray(this.#array);
    this.#vertices = buffer(gl, gl.ARRAY_BUFFER, this.#places, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    buffer(gl, gl.ARRAY_BUFFER, joined(drawables.vertexUvs, vertices), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribPointer(1, 2, gl.FLOAT, false, 0, 0);
    buffer(gl, gl.ELEMENT_ARRAY_BUFFER, this.#allIndices(drawables, indices), gl.STATIC_DRAW);
    this.#plan(drawables);
    this.#maskTexture = made(gl.createTexture());
    gl.bindTexture(gl.TEXTURE_2D, this.#maskTexture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, MASKS, MASKS, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    for (const [name, value] of [
      [gl.TEXTURE_MIN_FILTER, gl.LINEAR],
      [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
      [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
      [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
    ] as const) {
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    }
    this.#maskFrame = made(gl.createFramebuffer());
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#maskFrame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.#maskTexture, 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  /** Draw the model as it is now. */
  draw(view: View): void {
    const gl = this.#gl;
    const { drawables } = this.#model;
    for (let n = 0; n < drawables.count; n++) {
      const places = drawables.vertexPositions[n];
      if (places) this.#places.set(places, 2 * (this.#firstVertex[n] ?? 0));
    }
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#vertices);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.#places);
    gl.enable(gl.BLEND);
    gl.disable(gl.DEPTH_TEST);
    gl.frontFace(gl.CCW);
    this.#paintMasks(drawables);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#paintShapes(drawables, view);
    drawables.resetDynamicFlags();
  }

  /** Let go of everything that lies in the graphics memory. */
  dispose(): void {
    const gl = this.#gl;
    for (const texture of [...this.#skins, this.#maskTexture]) gl.deleteTexture(texture);
    gl.deleteFramebuffer(this.#maskFrame);
    gl.deleteVertexArray(this.#array);
    gl.deleteProgram(this.#shapes.program);
    gl.deleteProgram(this.#plain.program);
    gl.deleteProgram(this.#masking.program);
  }

  #allIndices(drawables: CoreDrawables, count: number): Uint32Array {
    const all = new Uint32Array(count);
    let at = 0;
    for (let n = 0; n < drawables.count; n++) {
      const first = this.#firstVertex[n] ?? 0;
      for (const index of drawables.indices[n] ?? []) all[at++] = first + index;
    }
    return all;
  }

  /** Give every set of masking shapes its tile and channel. */
  #plan(drawables: CoreDrawables): void {
    const byKey = new Map<string, number[]>();
    const keys: string[] = [];
    for (let n = 0; n < drawables.count; n++) {
      const shapes = drawables.maskCounts[n] ? [...new Set(Array.from(drawables.masks[n] ?? []))] : [];
      const good = shapes.filter((one) => one >= 0 && one < drawables.count).sort((a, b) => a - b);
      const key = good.join();
      keys.push(key);
      if (good.length) byKey.set(key, good);
    }
    const side = Math.max(1, Math.ceil(Math.sqrt(Math.ceil(byKey.size / CHANNELS))));
    const sets = new Map<string, MaskSet>();
    for (const [key, shapes] of byKey) {
      const n = sets.size;
      const tile = Math.floor(n / CHANNELS);
      const channel: [number, number, number, number] = [0, 0, 0, 0];
      channel[n % CHANNELS] = 1;
      const [x, y] = [(tile % side) / side, Math.floor(tile / side) / side];
      const set: MaskSet = { shapes, channel, x, y, size: 1 / side, map: [1, 1, 0, 0], empty: true };
      sets.set(key, set);
      this.#sets.push(set);
    }
    for (const key of keys) this.#setOf.push(sets.get(key) ?? null);
  }

  #paintMasks(drawables: CoreDrawables): void {
    if (!this.#sets.length) return;
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#maskFrame);
    gl.viewport(0, 0, MASKS, MASKS);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(this.#masking.program);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.#blend = -1;
    this.#cull(false);
    gl.enable(gl.SCISSOR_TEST);
    for (const set of this.#sets) {
      this.#fit(set, drawables);
      if (set.empty) continue;
      const at = [set.x, set.y, set.size, set.size].map((part) => Math.round(part * MASKS)) as [
        number,
        number,
        number,
        number,
      ];
      gl.scissor(...at);
      gl.colorMask(...(set.channel.map(Boolean) as [boolean, boolean, boolean, boolean]));
      const [sx, sy, tx, ty] = set.map;
      gl.uniform4f(this.#masking.uniform("view"), 2 * sx, 2 * sy, 2 * tx - 1, 2 * ty - 1);
      for (const n of set.shapes) this.#triangles(drawables, n);
    }
    gl.disable(gl.SCISSOR_TEST);
    gl.colorMask(true, true, true, true);
  }

  /** Lay what masks into its tile, as large as it fits. */
  #fit(set: MaskSet, drawables: CoreDrawables): void {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const n of set.shapes) {
      const places = drawables.vertexPositions[n] ?? [];
      for (let i = 0; i + 1 < places.length; i += 2) {
        const [x, y] = [places[i] ?? 0, places[i + 1] ?? 0];
        left = Math.min(left, x);
        right = Math.max(right, x);
        low = Math.min(low, y);
        high = Math.max(high, y);
      }
    }
    const [width, height] = [(right - left) * (1 + 2 * MARGIN), (high - low) * (1 + 2 * MARGIN)];
    set.empty = !(width > 0 && height > 0 && Number.isFinite(width * height));
    if (set.empty) return;
    const [sx, sy] = [set.size / width, set.size / height];
    set.map = [sx, sy, set.x - (left - (right - left) * MARGIN) * sx, set.y - (low - (high - low) * MARGIN) * sy];
  }

  #paintShapes(drawables: CoreDrawables, view: View): void {
    const gl = this.#gl;
    const { program: shader, uniform } = this.#shapes;
    for (const one of [this.#plain, this.#shapes]) {
      gl.useProgram(one.program);
      gl.uniform4f(one.uniform("view"), view.sx, view.sy, view.tx, view.ty);
    }
    let plain = false;
    gl.uniform1i(uniform("masks"), 1);
    gl.activeTexture(gl.TEXTURE1);
    gl.bindTexture(gl.TEXTURE_2D, this.#maskTexture);
    const orders = this.#model.getRenderOrders?.() ?? drawables.renderOrders ?? [];
    for (let n = 0; n < drawables.count; n++) this.#order[orders[n] ?? n] = n;
    const { multiplyColors, screenColors } = drawables;
    for (let at = 0; at < drawables.count; at++) {
      const n = this.#order[at] ?? at;
      const opacity = Math.min(1, drawables.opacities[n] ?? 1);
      if (!((drawables.dynamicFlags[n] ?? 0) & VISIBLE) || opacity <= 0) continue;
      const flags = drawables.constantFlags[n] ?? 0;
      this.#mix(flags & Shape.ADDITIVE ? 1 : flags & Shape.MULTIPLY ? 2 : 0);
      this.#cull(!(flags & Shape.DOUBLE_SIDED));
      const set = this.#setOf[n];
      if (set?.empty && !(flags & Shape.INVERTED_MASK)) continue;
      const [mr, mg, mb] = colour(multiplyColors, n, 1);
      const [sr, sg, sb] = colour(screenColors, n, 0);
      const simple = !(set && !set.empty) && mr === 1 && mg === 1 && mb === 1 && sr === 0 && sg === 0 && sb === 0;
      if (simple !== plain) gl.useProgram(simple ? this.#plain.program : shader);
      plain = simple;
      if (simple) {
        gl.uniform1f(this.#plain.uniform("opacity"), opacity);
        this.#triangles(drawables, n);
        continue;
      }
      if (set && !set.empty) {
        gl.uniform4f(uniform("channel"), ...set.channel);
        gl.uniform4f(uniform("tile"), ...set.map);
        gl.uniform4f(uniform("within"), set.x, set.y, set.x + set.size, set.y + set.size);
        gl.uniform1f(uniform("inverted"), flags & Shape.INVERTED_MASK ? 1 : 0);
      } else {
        gl.uniform4f(uniform("channel"), 0, 0, 0, 0);
      }
      gl.uniform1f(uniform("opacity"), opacity);
      gl.uniform3f(uniform("multiplied"), mr, mg, mb);
      gl.uniform3f(uniform("screened"), sr, sg, sb);
      this.#triangles(drawables, n);
    }
  }

  #triangles(drawables: CoreDrawables, n: number): void {
    const gl = this.#gl;
    const texture = this.#skins[drawables.textureIndices[n] ?? 0];
    const count = drawables.indices[n]?.length ?? 0;
    if (!texture || !count) return;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.drawElements(gl.TRIANGLES, count, gl.UNSIGNED_INT, 4 * (this.#firstIndex[n] ?? 0));
  }

  #mix(way: number): void {
    if (way === this.#blend) return;
    this.#blend = way;
    const gl = this.#gl;
    if (way === 1) gl.blendFuncSeparate(gl.ONE, gl.ONE, gl.ZERO, gl.ONE);
    else if (way === 2) gl.blendFuncSeparate(gl.DST_COLOR, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE);
    else gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  #cull(on: boolean): void {
    if (on === this.#culls) return;
    this.#culls = on;
    if (on) this.#gl.enable(this.#gl.CULL_FACE);
    else this.#gl.disable(this.#gl.CULL_FACE);
  }
}

function colour(all: ArrayLike<number> | undefined, n: number, rest: number): readonly [number, number, number] {
  return [all?.[4 * n] ?? rest, all?.[4 * n + 1] ?? rest, all?.[4 * n + 2] ?? rest];
}

function made<T>(thing: T | null): T {
  if (thing === null) throw new Error("the graphics context is lost");
  return thing;
}

function joined(parts: readonly Float32Array[], vertices: number): Float32Array {
  const all = new Float32Array(2 * vertices);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function buffer(gl: WebGL2RenderingContext, kind: GLenum, data: AllowSharedBufferSource, use: GLenum): WebGLBuffer {
  const one = made(gl.createBuffer());
  gl.bindBuffer(kind, one);
  gl.bufferData(kind, data, use);
  return one;
}

function skin(gl: WebGL2RenderingContext, image: TexImageSource): WebGLTexture {
  const texture = made(gl.createTexture());
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, image);
  gl.generateMipmap(gl.TEXTURE_2D);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}

function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const one = made(gl.createProgram());
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = made(gl.createShader(kind));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(one, shader);
    gl.deleteShader(shader);
  }
  gl.bindAttribLocation(one, 0, "place");
  gl.bindAttribLocation(one, 1, "texel");
  gl.linkProgram(one);
  if (!gl.getProgramParameter(one, gl.LINK_STATUS)) {
    throw new Error(`the graphics card refuses a shader: ${gl.getProgramInfoLog(one) ?? ""}`);
  }
  gl.useProgram(one);
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    program: one,
    uniform: (name) => {
      let place = places.get(name);
      if (place === undefined) {
        place = gl.getUniformLocation(one, name);
        places.set(name, place);
      }
      return place;
    },
  };
}
