import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clock, NAMES, type Chart, type Excerpt, type Line, type Values } from "./data";

const HEIGHT = 92;
/** More for the lowest chart, which has the times. */
const FOOT = 22;
/** Left of the plots, as wide as the play button beside the scrubber: what is below each other belongs together. */
const GUTTER = 52;
/** Half of the scrubber's thumb, which cannot leave its track. */
const EDGE = 8;
const FONT = '11px "Inter Variable", system-ui, sans-serif';
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
/** Screen pixels between two times, at least. */
const SPACE = 64;

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** One figure over the frames of an excerpt; a line follows the frame, and a press seeks. */
class Plot {
  private readonly plot: uPlot;
  private readonly playhead: HTMLElement;
  private readonly readings = new Map<Line, HTMLElement>();

  constructor(
    private readonly chart: Chart,
    private readonly excerpt: Excerpt,
    place: HTMLElement,
    seek: (frame: number) => void,
    private readonly last: boolean,
  ) {
    const figure = place.appendChild(document.createElement("figure"));
    figure.className = "chart";
    figure.append(this.caption());
    const box = figure.appendChild(document.createElement("div"));
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", this.summary());
    this.plot = new uPlot(this.options(box.clientWidth), this.columns(), box);
    this.plot.over.append((this.playhead = document.createElement("div")));
    this.playhead.className = "playhead";
    for (const line of chart.lines) {
      const dot = this.playhead.appendChild(document.createElement("i"));
      dot.style.background = `var(--${line})`;
    }
    this.press(seek);
    new ResizeObserver(() => {
      this.plot.setSize({ width: box.clientWidth, height: this.height });
      this.follow(this.frame);
    }).observe(box);
  }

  private frame = 0;

  follow(frame: number): void {
    this.frame = frame;
    this.playhead.style.left = `${this.plot.valToPos(frame, "x")}px`;
    this.chart.lines.forEach((line, i) => {
      const value = this.values(line)[frame] ?? null;
      const dot = this.playhead.children[i] as HTMLElement;
      dot.hidden = value === null;
      if (value !== null) dot.style.top = `${this.plot.valToPos(value, "y")}px`;
      const reading = this.readings.get(line);
      if (reading) reading.textContent = value === null ? "–" : value.toFixed(this.chart.digits);
    });
  }

  redraw(): void {
    this.plot.redraw(false, true);
  }

  private get height(): number {
    return HEIGHT + (this.last ? FOOT : 0);
  }

  private values(line: Line): Values {
    return this.excerpt.series[this.chart.key]?.[line] ?? [];
  }

  private columns(): uPlot.AlignedData {
    const frames = this.excerpt.times.map((_, i) => i);
    return [frames, ...this.chart.lines.map((line) => [...this.values(line)])];
  }

  private caption(): HTMLElement {
    const caption = document.createElement("figcaption");
    const title = caption.appendChild(document.createElement("h3"));
    title.textContent = this.chart.title;
    if (this.chart.unit) {
      const unit = title.appendChild(document.createElement("small"));
      unit.textContent = ` ${this.chart.unit}`;
    }
    for (const line of this.chart.lines) {
      const key = caption.appendChild(document.createElement("span"));
      key.className = "key";
      key.style.setProperty("--stroke", `var(--${line})`);
      key.append(NAMES[line]);
      const reading = key.appendChild(document.createElement("b"));
      this.readings.set(line, reading);
      const mean = this.mean(line);
      if (mean !== null) key.appendChild(document.createElement("small")).textContent = `mean ${mean}`;
    }
    return caption;
  }

  /** Over the frames that have a value; null for one frame or none. */
  private mean(line: Line): string | null {
    const values = this.values(line).filter((value) => value !== null);
    if (values.length < 2) return null;
    return (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(this.chart.digits);
  }

  /** What the lines look like, for those who do not see them. */
  private summary(): string {
    const { title, unit, digits, lines } = this.chart;
    const said = lines.map((line) => {
      const values = this.values(line).filter((value) => value !== null);
      if (!values.length) return `${NAMES[line]}: none`;
      const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits));
      return `${NAMES[line]}: ${this.mean(line) ?? low} on average, from ${low} to ${high}`;
    });
    return `${title}${unit && ` in ${unit}`} over ${this.excerpt.times.length} frames. ${said.join(". ")}.`;
  }

  private options(width: number): uPlot.Options {
    const axis = { font: FONT, stroke: () => colour("--soft"), ticks: { show: false } };
    return {
      width,
      height: this.height,
      padding: [8, EDGE, this.last ? 0 : 4, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: (_, low, high) => [low, Math.max(high, low + 1)] },
        y: { range: (_, low, high) => spread(low, high, this.chart) },
      },
      axes: [
        {
          ...axis,
          show: this.last,
          size: FOOT,
          gap: 6,
          grid: { show: false },
          splits: (plot) => this.marked(plot.bbox.width / devicePixelRatio).map(([frame]) => frame),
          values: (plot) => this.marked(plot.bbox.width / devicePixelRatio).map(([, time]) => time),
        },
        {
          ...axis,
          size: GUTTER + EDGE,
          gap: 8,
          space: 20,
          grid: { stroke: () => colour("--line"), width: 1 },
        },
      ],
      series: [
        {},
        ...this.chart.lines.map((line) => ({
          stroke: () => colour(`--${line}`),
          width: 1.6,
          points: { show: this.excerpt.times.length === 1 },
          spanGaps: false,
        })),
      ],
      hooks: { drawAxes: [(plot) => this.marks(plot)] },
    };
  }

  /** Round times, as many as there is room for, and where they lie among the frames. */
  private marked(width: number): [number, string][] {
    const { times } = this.excerpt;
    const [first, last] = [times[0] ?? 0, times[times.length - 1] ?? 0];
    const step = STEPS.find((one) => ((last - first) / one + 1) * SPACE <= width) ?? last - first + 1;
    const found: [number, string][] = [];
    for (let n = Math.ceil(first / step); n * step <= last; n++) {
      const after = times.findIndex((time) => time >= n * step);
      const [low, high] = [times[after - 1] ?? n * step, times[after] ?? n * step];
      const share = high > low ? (n * step - low) / (high - low) : 1;
      found.push([Math.max(0, after - 1 + share), clock(n * step, step < 1 ? 1 : 0)]);
    }
    return found;
  }

  /** Cuts, as dotted lines. */
  private marks(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = colour("--soft");
    ctx.setLineDash([2, 4]);
    for (const cut of this.excerpt.cuts) {
      const x = Math.round(plot.valToPos(cut, "x", true)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  private press(seek: (frame: number) => void): void {
    const over = this.plot.over;
    const go = (event: PointerEvent) =>
      seek(this.plot.posToVal(event.clientX - over.getBoundingClientRect().left, "x"));
    over.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      over.setPointerCapture(event.pointerId);
      go(event);
    });
    over.addEventListener("pointermove", (event) => {
      if (over.hasPointerCapture(event.pointerId)) go(event);
    });
  }
}

/** A little air around the lines, and where they are flat enough of it for ticks; rain energy begins at nothing. */
function spread(low: number | null, high: number | null, { key, digits }: Chart): [number, number] {
  if (low === null || !high) return [0, 1];
  if (key === "rain") return [0, high * 1.12];
  const air = Math.max((high - low) * 0.12, 20 * 10 ** -digits);
  return [Math.max(0, low - air), high + air];
}

/** All charts of an excerpt, in the place that they are given. */
export class Charts {
  private plots: Plot[] = [];

  constructor(
    private readonly place: HTMLElement,
    private readonly charts: readonly Chart[],
    private readonly seek: (frame: number) => void,
  ) {
    const redraw = () => {
      for (const plot of this.plots) plot.redraw();
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    void document.fonts.load(FONT).then(redraw); // The canvas does not wait for its font.
  }

  show(excerpt: Excerpt): void {
    this.place.replaceChildren();
    const lowest = this.charts[this.charts.length - 1];
    this.plots = this.charts.map(
      (chart) => new Plot(chart, excerpt, this.place, this.seek, chart === lowest),
    );
  }

  follow(frame: number): void {
    for (const plot of this.plots) plot.follow(frame);
  }
}
