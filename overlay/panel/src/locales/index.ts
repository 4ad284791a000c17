import { errorMessages } from "../../kit/errors.ts";
import { avatar as enAvatar } from "./en/avatar.ts";
import { budget as enBudget } from "./en/budget.ts";
import { ears as enEars } from "./en/ears.ts";
import { memory as enMemory } from "./en/memory.ts";
import { mixer as enMixer } from "./en/mixer.ts";
import { moderation as enModeration } from "./en/moderation.ts";
import { names as enNames } from "./en/names.ts";
import { night as enNight } from "./en/night.ts";
import { platforms as enPlatforms } from "./en/platforms.ts";
import { programme as enProgramme } from "./en/programme.ts";
import { show as enShow } from "./en/show.ts";
import { layers as enLayers } from "./en/stage.ts";
import { tools as enTools } from "./en/tools.ts";
import { avatar as zhAvatar } from "./zh/avatar.ts";
import { budget as zhBudget } from "./zh/budget.ts";
import { ears as zhEars } from "./zh/ears.ts";
import { memory as zhMemory } from "./zh/memory.ts";
import { mixer as zhMixer } from "./zh/mixer.ts";
import { moderation as zhModeration } from "./zh/moderation.ts";
import { names as zhNames } from "./zh/names.ts";
import { night as zhNight } from "./zh/night.ts";
import { platforms as zhPlatforms } from "./zh/platforms.ts";
import { programme as zhProgramme } from "./zh/programme.ts";
import { show as zhShow } from "./zh/show.ts";
import { layers as zhLayers } from "./zh/stage.ts";
import { tools as zhTools } from "./zh/tools.ts";

const en = {
  error: errorMessages.en,
  ...enPlatforms,
  ...enModeration,
  ...enEars,
  ...enMixer,
  ...enProgramme,
  ...enNight,
  ...enBudget,
  ...enMemory,
  ...enNames,
  ...enShow,
  ...enTools,
  ...enLayers,
  ...enAvatar,
};

/** Every text of the control room; the languages are held to the same shape. */
export type Messages = Omit<typeof en, "error"> & { error: Record<keyof typeof en.error, string> };

const zh: Messages = {
  error: errorMessages.zh,
  ...zhPlatforms,
  ...zhModeration,
  ...zhEars,
  ...zhMixer,
  ...zhProgramme,
  ...zhNight,
  ...zhBudget,
  ...zhMemory,
  ...zhNames,
  ...zhShow,
  ...zhTools,
  ...zhLayers,
  ...zhAvatar,
};

export const messages = { en, zh };
