/** What the page was given; `vsrrg/compare/page.py` writes the same names. */

export type Panel = "rainy" | "derained" | "heat" | "reference";
export type Line = "removed" | "rainy" | "derained";
export type Values = readonly (number | null)[];

export interface Chart {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly lines: readonly Line[];
}

export interface Excerpt {
  /** Of its frames, in seconds of the whole clip. */
  readonly times: readonly number[];
  /** Seconds that the last frame lasts. */
  readonly step: number;
  readonly series: Readonly<Record<string, Readonly<Partial<Record<Line, Values>>>>>;
  /** Frames with which new shots begin. */
  readonly cuts: readonly number[];
}

export interface Data {
  /** Columns and rows of a picture. */
  readonly size: readonly [number, number];
  /** From one panel of the video to the next. */
  readonly cell: readonly [number, number];
  /** From the corner of a panel's cell to its picture, both ways. */
  readonly inset: number;
  readonly panels: readonly Panel[];
  readonly charts: readonly Chart[];
  readonly excerpts: readonly Excerpt[];
}

export const NAMES: Readonly<Record<Panel | Line, string>> = {
  rainy: "Rainy",
  derained: "Derained",
  reference: "Reference",
  heat: "Heat",
  removed: "Removed",
};

export function element<E extends Element = HTMLElement>(selector: string): E {
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}

export function readData(): Data {
  return JSON.parse(element("#data").textContent ?? "") as Data;
}

const urls = new Map<number, string>();

/** A URL of an excerpt's video; the page needs no other file and no network. */
export function videoUrl(excerpt: number): string {
  let url = urls.get(excerpt);
  if (!url) {
    const source = element(`#video-${excerpt}`);
    const coded = atob((source.textContent ?? "").trim());
    source.remove();
    const bytes = new Uint8Array(coded.length); // Its own from() is many times slower.
    for (let i = 0; i < coded.length; i++) bytes[i] = coded.charCodeAt(i);
    url = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
    urls.set(excerpt, url);
  }
  return url;
}

/** Seconds as people write times: 0:07.25. */
export function clock(seconds: number, digits = 2): string {
  const ticks = Math.round(seconds * 10 ** digits);
  const whole = Math.floor(ticks / 10 ** digits);
  const part = String(ticks % 10 ** digits).padStart(digits, "0");
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (h ? `${h}:${two(m)}` : `${m}`) + `:${two(s)}` + (digits ? `.${part}` : "");
}
