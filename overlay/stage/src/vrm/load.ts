/** Fetches a VRM file and makes of it what can be moved. */
import { type VRM, VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";
import { LoadingManager } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { BudgetTextures } from "./textures.ts";

/** Load a model; throw with a reason in words. */
export async function load(url: string, signal: AbortSignal): Promise<VRM> {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`the host does not have its file (${answer.status})`);
  const data = await answer.arrayBuffer();
  const vrm = await parse(data);
  VRMUtils.rotateVRM0(vrm);
  VRMUtils.removeUnnecessaryVertices(vrm.scene);
  VRMUtils.combineSkeletons(vrm.scene);
  // What is skinned moves out of where it was at rest: its bounds say nothing.
  vrm.scene.traverse((part) => {
    part.frustumCulled = false;
  });
  return vrm;
}

async function parse(data: ArrayBuffer): Promise<VRM> {
  const manager = new LoadingManager();
  // A model is one file. Whatever it names beside that is not fetched.
  manager.setURLModifier(() => {
    throw new Error("it names other files");
  });
  const loader = new GLTFLoader(manager);
  loader.register((parser) => new VRMLoaderPlugin(parser));
  loader.register((parser) => new BudgetTextures(parser));
  let vrm: VRM | undefined;
  try {
    const found = await loader.parseAsync(data, "");
    vrm = found.userData.vrm as VRM | undefined;
  } catch (error) {
    throw new Error(`the file is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!vrm) throw new Error("the file holds no VRM model");
  return vrm;
}
