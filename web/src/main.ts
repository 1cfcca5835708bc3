import "./page.css";
import { Charts } from "./charts";
import { clock, element, NAMES, readData, videoUrl, type Panel } from "./data";
import { divide } from "./divide";
import { keys } from "./keys";
import { Picture } from "./picture";
import { Player } from "./player";
import { zooming } from "./zooming";

const data = readData();
const video = element<HTMLVideoElement>("#video");
const stage = element("#stage");
const canvas = element<HTMLCanvasElement>("#picture");
const scrubber = element<HTMLInputElement>("#scrubber");
const counter = element("#counter");
const playButton = element("#play");
const heatButton = element("#heat");
let excerpt = data.excerpts[0];

const picture = new Picture(canvas, video, data);
const player = new Player(video, shown, state);
const charts = new Charts(element("#charts"), data.charts, (frame) => player.show(frame));
const zoom = zooming(stage, (transform) => {
  picture.transform = transform;
  element("#scale").textContent = `${transform.k.toFixed(1)}×`;
  picture.redraw();
});
divide(
  stage,
  element("#divide"),
  (share) => {
    picture.divide = share;
    stage.style.setProperty("--divide", String(share));
    picture.redraw();
  },
  () => player.toggle(),
);

function shown(): void {
  if (!excerpt) return;
  const { frame } = player;
  picture.draw();
  charts.follow(frame);
  scrubber.value = String(frame);
  scrubber.style.setProperty("--done", String(frame / Math.max(1, player.count - 1)));
  const time = clock(excerpt.times[frame] ?? 0);
  scrubber.setAttribute("aria-valuetext", `frame ${frame + 1} of ${player.count}, ${time}`);
  counter.innerHTML = `<b>${frame + 1}</b> / ${player.count} <span>${time}</span>`;
  canvas.dataset["frame"] = String(frame);
}

function state(): void {
  playButton.setAttribute("aria-label", player.playing ? "Pause" : "Play");
  playButton.classList.toggle("playing", player.playing);
}

function heat(): void {
  picture.heat = !picture.heat;
  heatButton.setAttribute("aria-pressed", String(picture.heat));
  stage.classList.toggle("hot", picture.heat);
  picture.redraw();
}

function compare(left: Panel, right: Panel): void {
  [picture.left, picture.right] = [left, right];
  element("#left").textContent = NAMES[left];
  element("#right").textContent = NAMES[right];
  canvas.setAttribute("aria-label", `The video: ${NAMES[left]} left of the divide, ${NAMES[right]} right of it`);
  picture.redraw();
}

async function open(number: number): Promise<void> {
  excerpt = data.excerpts[number];
  if (!excerpt) return;
  const playing = player.playing;
  scrubber.max = String(excerpt.times.length - 1);
  charts.show(excerpt);
  try {
    await player.load(videoUrl(number), excerpt);
  } catch {
    element("#failure").hidden = false;
    return;
  }
  if (playing) player.play();
}

/** Calls back with the value of a group of radio buttons that was chosen. */
function chosen(group: string, changed: (value: string) => void): void {
  for (const input of document.querySelectorAll<HTMLInputElement>(`input[name=${group}]`)) {
    input.addEventListener("change", () => changed(input.value));
  }
}

function press(selector: string, action: () => void): void {
  element(selector).addEventListener("click", action);
}

function fullscreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void element("#viewer").requestFullscreen();
}

new ResizeObserver(() => picture.resize(stage.clientWidth, stage.clientHeight)).observe(stage);
scrubber.addEventListener("input", () => player.show(Number(scrubber.value)));
chosen("speed", (value) => (player.speed = Number(value)));
chosen("excerpt", (value) => void open(Number(value)));
chosen("pair", (value) => {
  const [left, right] = value.split(" ") as [Panel, Panel];
  compare(left, right);
});
press("#play", () => player.toggle());
press("#back", () => player.move(-1));
press("#next", () => player.move(1));
press("#heat", heat);
press("#in", zoom.in);
press("#out", zoom.out);
press("#fit", zoom.fit);
press("#full", fullscreen);
element("#full").hidden = !document.fullscreenEnabled;
keys({
  " ": () => player.toggle(),
  ArrowLeft: () => player.move(-1),
  ArrowRight: () => player.move(1),
  "Shift+ArrowLeft": () => player.move(-10),
  "Shift+ArrowRight": () => player.move(10),
  ",": () => player.move(-1),
  ".": () => player.move(1),
  Home: () => player.show(0),
  End: () => player.show(player.count - 1),
  h: heat,
  f: fullscreen,
  "+": zoom.in,
  "=": zoom.in,
  "-": zoom.out,
  "0": zoom.fit,
});
compare("rainy", "derained");
void open(0).then(() => {
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) player.play();
});
