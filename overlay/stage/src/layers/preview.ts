/** The panel's layout editor shows this page in a frame, and says how the layout is while it is being changed. */
import type { Layout, ServerMessage } from "@haishin/common/protocol";

/** Take layouts from the page around this one, when it is of the same server. */
export function follow(tell: (message: ServerMessage) => void): void {
  if (parent === window) return;
  addEventListener("message", (event: MessageEvent<unknown>) => {
    if (event.origin !== location.origin || event.source !== parent) return;
    const layout = (event.data as { layout?: Layout } | null)?.layout;
    if (layout) tell({ type: "layout", layout });
  });
  parent.postMessage({ ready: true }, location.origin);
}
