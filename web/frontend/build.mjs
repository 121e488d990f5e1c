// Bundles src/*.js with esbuild: node build.mjs [FOLDER], by default into ../static/dist.
// Writes THIRD-PARTY.txt beside the bundles: the licence of every package that is in one of them.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, "../static/dist"));
const ENTRIES = ["workbench", "neighbourhood", "graph"];

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ENTRIES.map((name) => `src/${name}.js`),
  outdir: folder,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // THIRD-PARTY.txt holds all of them
  metafile: true,
  logLevel: "warning",
});

await mkdir(folder, { recursive: true });
await writeFile(join(folder, "THIRD-PARTY.txt"), await licences(packages(metafile)));

/** The folders, below node_modules, of the packages that something was bundled from. */
function packages({ outputs }) {
  const found = new Set();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
      if (name && bytesInOutput) found.add(name);
    }
  }
  return [...found].sort();
}

/** The names, versions and licence texts of some packages. Ends the build where one has no licence. */
async function licences(names) {
  const parts = await Promise.all(names.map(async (name) => {
    const place = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(place, "package.json"), "utf8"));
    const file = (await readdir(place)).find((found) => /^licen[cs]e/i.test(found));
    if (!license) throw new Error(`${name} ${version} names no licence: leave it out, or ask its authors`);
    const text = file ? await readFile(join(place, file), "utf8") : `${name} comes without a licence text.`;
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  }));
  return `The scripts in this folder hold parts of these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
