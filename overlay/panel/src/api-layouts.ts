/** Layouts of the stage page: `bot/stage/layers/layouts.py` and `bot/web/routes/stage.py` in TypeScript. */
import type { Layout } from "@haishin/common/protocol";

export type { Layout };
export type Box = Layout["boxes"][number];

/** One of `GET /api/layouts`; `revision` grows with each change. */
export interface KeptLayout {
  name: string;
  revision: number;
  layout: Layout;
}

/** `PUT /api/layouts/{name}`: the revision that was changed, 0 for a new layout. */
export interface LayoutIn {
  revision: number;
  layout: Layout;
}
