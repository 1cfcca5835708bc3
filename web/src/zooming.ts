import { select } from "d3-selection";
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomTransform } from "d3-zoom";

const MOST = 32;
const STEP = 1.5;

export interface Zooming {
  by(factor: number): void;
  in(): void;
  out(): void;
  fit(): void;
}

/**
 * Zooms by wheel, pinch and double click; pans by dragging once there is something to pan.
 *
 * A wheel that would zoom out farther than the whole picture scrolls the page, and so does a finger on it.
 */
export function zooming(stage: HTMLElement, changed: (transform: ZoomTransform) => void): Zooming {
  const behaviour = zoom<HTMLElement, unknown>()
    .scaleExtent([1, MOST])
    .extent(() => [
      [0, 0],
      [stage.clientWidth, stage.clientHeight],
    ])
    .filter((event: Event) => {
      if ("touches" in event && (event as TouchEvent).touches.length > 1) return true;
      if (event.type === "wheel") return true;
      if (event.target instanceof Element && event.target.closest("[role=slider]")) return false;
      if (event instanceof MouseEvent && event.button) return false;
      return event.type === "dblclick" || scale() > 1;
    })
    .on("zoom", ({ transform }: D3ZoomEvent<HTMLElement, unknown>) => {
      stage.style.touchAction = transform.k > 1 ? "none" : "pan-y";
      stage.classList.toggle("zoomed", transform.k > 1);
      changed(transform);
    });
  const target = select(stage).call(behaviour);
  stage.style.touchAction = "pan-y";
  const scale = () => (stage as HTMLElement & { __zoom: ZoomTransform }).__zoom.k;
  const bound = () =>
    behaviour.translateExtent([
      [0, 0],
      [stage.clientWidth, stage.clientHeight],
    ]);
  new ResizeObserver(() => {
    bound();
    target.call(behaviour.transform, zoomIdentity);
  }).observe(stage);
  const by = (factor: number) => target.call(behaviour.scaleBy, factor);
  return {
    by,
    in: () => by(STEP),
    out: () => by(1 / STEP),
    fit: () => target.call(behaviour.transform, zoomIdentity),
  };
}
