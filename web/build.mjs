// Bundles script and style of the page into the package, or into the folder that is named.
import { build } from "esbuild";
import { existsSync } from "node:fs";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "..", "vsrrg", "compare", "page");

const { outputFiles, metafile } = await build({
  absWorkingDir: here,
  entryPoints: { page: "src/main.ts" },
  outdir: target,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2020", "chrome90", "firefox90", "safari15"],
  loader: { ".woff2": "dataurl" },
  charset: "ascii",
  legalComments: "none",
  metafile: true,
  write: false,
});

// The page is passed on, so the licences of what is in it go with it.
const used = new Set();
for (const [path] of Object.entries(metafile.inputs)) {
  let folder = dirname(path);
  while (folder !== "." && !existsSync(join(here, folder, "package.json"))) folder = dirname(folder);
  if (folder !== ".") used.add(folder);
}
const notices = [];
for (const folder of [...used].sort()) {
  const { name, version } = JSON.parse(await readFile(join(here, folder, "package.json"), "utf8"));
  const file = (await readdir(join(here, folder))).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} brings no licence`);
  const text = (await readFile(join(here, folder, file), "utf8")).trim();
  notices.push(`${name} ${version}\n\n${text}`);
}
const licences = `/*!\nContains:\n\n${notices.join("\n\n----\n\n").replaceAll("*/", "* /")}\n*/\n`;

for (const { path, text } of outputFiles) {
  await writeFile(path, path.endsWith(".js") ? text + licences : text);
}
