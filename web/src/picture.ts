import { zoomIdentity, type ZoomTransform } from "d3-zoom";
import type { Data, Panel } from "./data";

const ALL: readonly Panel[] = ["rainy", "derained", "heat", "reference"];
/** Screen pixels for one of the video from which single pixels are shown as squares. */
const SQUARES = 4;
/** Behind the heat, so that it can be seen on any picture. */
const SHADE = "rgb(12 13 16 / 0.62)";

/** Draws the video's current frame: one panel left of the divide, one right of it, heat over both. */
export class Picture {
  left: Panel = "rainy";
  right: Panel = "derained";
  heat = false;
  /** Where left ends and right begins, as a share of the width. */
  divide = 0.5;
  transform: ZoomTransform = zoomIdentity;
  width = 1;
  height = 1;
  private density = 1;
  private due = 0;
  private readonly context: CanvasRenderingContext2D;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly video: HTMLVideoElement,
    private readonly data: Data,
  ) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser cannot draw");
    this.context = context;
  }

  /** Fits the canvas to the place that it has. */
  resize(width: number, height: number): void {
    [this.width, this.height, this.density] = [width, height, window.devicePixelRatio || 1];
    this.canvas.width = Math.round(width * this.density);
    this.canvas.height = Math.round(height * this.density);
    this.draw();
  }

  /** Draws with the next picture of the screen. */
  redraw(): void {
    this.due ||= requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    cancelAnimationFrame(this.due);
    this.due = 0;
    if (this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      this.redraw(); // Until a seek has ended, what is there stays.
      return;
    }
    const { context, density, width, height } = this;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.fillStyle = "#0b0c0e";
    context.fillRect(0, 0, width, height);
    const middle = this.divide * width;
    this.half(0, middle, this.left);
    this.half(middle, width, this.right);
    if (!this.heat) return;
    context.fillStyle = SHADE;
    context.fillRect(0, 0, width, height);
    context.globalCompositeOperation = "screen";
    this.half(0, width, "heat");
    context.globalCompositeOperation = "source-over";
  }

  /** Draws what of a panel lies between two columns of the screen. */
  private half(from: number, to: number, panel: Panel): void {
    const { context, data, transform } = this;
    const [width, height] = data.size;
    const [column, row] = [ALL.indexOf(panel) % 2, ALL.indexOf(panel) >> 1];
    const scale = Math.min(this.width / width, this.height / height);
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, this.height);
    context.clip();
    context.translate(transform.x, transform.y);
    context.scale(transform.k, transform.k);
    context.imageSmoothingEnabled = scale * transform.k * this.density < SQUARES;
    context.imageSmoothingQuality = "high";
    context.drawImage(
      this.video,
      column * data.cell[0] + data.inset,
      row * data.cell[1] + data.inset,
      width,
      height,
      (this.width - width * scale) / 2,
      (this.height - height * scale) / 2,
      width * scale,
      height * scale,
    );
    context.restore();
  }
}
