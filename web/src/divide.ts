/** The handle between the two pictures, and dragging anywhere on the stage as long as it is not zoomed. */
export function divide(
  stage: HTMLElement,
  handle: HTMLElement,
  moved: (share: number) => void,
  tapped: () => void,
): { move(share: number): void } {
  let share = 0.5;

  const move = (to: number) => {
    share = Math.min(1, Math.max(0, to));
    const percent = Math.round(share * 100);
    handle.style.left = `${share * 100}%`;
    handle.setAttribute("aria-valuenow", String(percent));
    handle.setAttribute("aria-valuetext", `${percent} % of the width from the left`);
    moved(share);
  };

  /** A pixel or two are no drag yet. */
  const SLACK = 4;
  let press: { id: number; x: number; y: number; own: boolean; dragged: boolean } | null = null;
  const follow = (event: PointerEvent) => {
    const { left, width } = stage.getBoundingClientRect();
    move((event.clientX - left) / width);
  };

  stage.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) {
      press = null; // A second finger zooms.
      return;
    }
    const onHandle = handle.contains(event.target as Node);
    const own = onHandle || !stage.classList.contains("zoomed");
    press = { id: event.pointerId, x: event.clientX, y: event.clientY, own, dragged: onHandle };
    if (onHandle) handle.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!press || press.id !== event.pointerId) return;
    if (!press.dragged && Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLACK) {
      press.dragged = true;
      if (press.own) handle.setPointerCapture(event.pointerId);
    }
    if (press.dragged && press.own) follow(event);
  });
  stage.addEventListener("pointerup", (event) => {
    if (press && press.id === event.pointerId && !press.dragged) tapped();
    press = null;
  });
  stage.addEventListener("pointercancel", () => (press = null));

  handle.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = {
      ArrowLeft: -0.01,
      ArrowDown: -0.01,
      ArrowRight: 0.01,
      ArrowUp: 0.01,
      PageDown: -0.1,
      PageUp: 0.1,
      Home: -1,
      End: 1,
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(share + step * (event.shiftKey ? 10 : 1));
  });
  move(share);
  return { move };
}
