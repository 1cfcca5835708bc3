import type { Excerpt } from "./data";

/**
 * Plays a video frame by frame and knows which frame is on the screen.
 *
 * Seeks go to the middle of a frame's time. One is under way at most, then the newest wish follows.
 */
export class Player {
  frame = 0;
  private times: readonly number[] = [0];
  private step = 1;
  private wanted = 0;
  private sought: number | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly shown: () => void,
    private readonly changed: () => void,
  ) {
    video.addEventListener("seeked", () => this.arrived());
    for (const event of ["play", "pause", "ratechange"]) video.addEventListener(event, changed);
    this.follow();
  }

  get playing(): boolean {
    return !this.video.paused;
  }

  get count(): number {
    return this.times.length;
  }

  get speed(): number {
    return this.video.playbackRate;
  }

  set speed(rate: number) {
    this.video.playbackRate = this.video.defaultPlaybackRate = rate;
  }

  /** Shows the first frame of another video; rejects where the browser cannot play it. */
  async load(url: string, excerpt: Excerpt): Promise<void> {
    const first = excerpt.times[0] ?? 0;
    this.times = excerpt.times.map((time) => time - first);
    this.step = excerpt.step;
    this.frame = this.wanted = 0;
    this.sought = null;
    const ready = new Promise<void>((resolve, reject) => {
      // Some browsers load no more before they are asked for a frame.
      this.video.onloadedmetadata = () => resolve();
      this.video.onerror = () => reject(this.video.error ?? new Error("no video"));
    });
    this.video.src = url;
    this.video.load();
    await ready;
    this.show(0);
  }

  play(): void {
    if (this.count < 2) return;
    this.video.loop = true;
    // Browsers may refuse to play before the page was touched; then it stays paused.
    this.video.play().catch(() => this.changed());
  }

  pause(): void {
    this.video.pause();
    // Or a seek to the last frame may end at the first one.
    this.video.loop = false;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Pauses at a frame. */
  show(frame: number): void {
    this.pause();
    this.wanted = Math.min(this.count - 1, Math.max(0, Math.round(frame)));
    if (this.sought === null) this.seek();
  }

  /** Pauses so many frames further on. */
  move(frames: number): void {
    this.show((this.sought === null ? this.frame : this.wanted) + frames);
  }

  private seek(): void {
    this.sought = this.wanted;
    const from = this.times[this.sought] ?? 0;
    const to = this.times[this.sought + 1] ?? from + this.step;
    this.video.currentTime = (from + to) / 2;
  }

  private arrived(): void {
    if (this.sought === null) return; // A loop began anew.
    const here = this.sought;
    this.sought = null;
    this.present(here);
    if (this.wanted !== here && !this.playing) this.seek();
  }

  private present(frame: number): void {
    this.frame = frame;
    this.shown();
  }

  /** Tells of every frame that comes to the screen. */
  private follow(): void {
    if ("requestVideoFrameCallback" in this.video) {
      const next = () =>
        this.video.requestVideoFrameCallback((_, { mediaTime }) => {
          this.present(this.at(mediaTime));
          next();
        });
      next();
      return;
    }
    const look = () => {
      if (this.playing) this.present(this.at((this.video as HTMLVideoElement).currentTime - this.step / 2));
      requestAnimationFrame(look);
    };
    look();
  }

  /** The frame whose time is nearest. */
  private at(time: number): number {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.times[middle] ?? 0) + (this.times[middle + 1] ?? Infinity)) / 2 <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
