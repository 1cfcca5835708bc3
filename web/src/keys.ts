/** Keys of the whole page; what has keys of its own, such as a slider in focus, keeps them. */
export function keys(actions: Readonly<Record<string, () => void>>): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const name = (event.shiftKey && event.key.length > 1 ? "Shift+" : "") + event.key;
    const action = actions[name.length === 1 ? name.toLowerCase() : name];
    if (!action || (event.target instanceof Element && keeps(event.target, event.key))) return;
    event.preventDefault();
    action();
  });
}

function keeps(target: Element, key: string): boolean {
  if (target.matches("input[type=range], input[type=radio]")) return /^(Arrow|Home|End|Page)/.test(key);
  return key === " " && target.matches("button, summary, a, input");
}
