/**
 * A model's skeleton in one convention, whatever its version: the figure looks towards the viewer (+z), its left arm
 * lies along +x and its right arm along -x, and every bone is at rest without rotation.
 */
import type { VRM, VRMHumanBoneName } from "@pixiv/three-vrm";
import { type Object3D, type Quaternion, Vector3 } from "three";

export type Bone = `${VRMHumanBoneName}`;

export class Bones {
  readonly #nodes = new Map<Bone, Object3D | null>();
  readonly #homes = new Map<Bone, Vector3>();
  readonly #hips: Vector3;
  /** Models of VRM 0 look the other way, and were turned round as a whole. */
  readonly #sign: 1 | -1;

  constructor(readonly vrm: VRM) {
    this.#sign = vrm.meta.metaVersion === "0" ? -1 : 1;
    vrm.scene.updateWorldMatrix(true, true);
    this.#hips = this.#node("hips")?.position.clone() ?? new Vector3();
  }

  has(bone: Bone): boolean {
    return this.#node(bone) !== null;
  }

  /** Where a bone is at rest, in metres; of one that the model lacks, where its nearest relative is. */
  home(bone: Bone, ...others: Bone[]): Vector3 {
    const found = this.#homes.get(bone);
    if (found) return found;
    const node = [bone, ...others].map((one) => this.#node(one)).find((one) => one !== null);
    const home = node ? node.getWorldPosition(new Vector3()) : new Vector3();
    this.#homes.set(bone, home);
    return home;
  }

  /** Turn a bone from its rest; one that the model lacks is passed over. */
  turn(bone: Bone, rotation: Quaternion): void {
    const s = this.#sign;
    this.#node(bone)?.quaternion.set(s * rotation.x, rotation.y, s * rotation.z, rotation.w);
  }

  /** Shift the hips from their rest, in metres. */
  shift(x: number, y: number): void {
    this.#node("hips")?.position.set(this.#hips.x + this.#sign * x, this.#hips.y + y, this.#hips.z);
  }

  #node(bone: Bone): Object3D | null {
    let node = this.#nodes.get(bone);
    if (node === undefined) {
      node = this.vrm.humanoid.getNormalizedBoneNode(bone as VRMHumanBoneName);
      this.#nodes.set(bone, node);
    }
    return node;
  }
}
