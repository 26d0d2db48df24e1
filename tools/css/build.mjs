// Copies what the site uses of Bootstrap Italia into the static folder, cut to size: `make css`.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { PurgeCSS } from "purgecss";
import { drop, icons, keep } from "./keep.mjs";
import { patterns } from "./patterns.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const from = join(here, "node_modules/bootstrap-italia");
const to = join(root, "platform/quartieri/web/static");
const LIMIT = 45 * 1024;

function files(folder, ending) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const templates = files(join(root, "templates"), ".html");
const ours = [...templates, ...readdirSync(join(to, "js")).filter((name) => name.endsWith(".js")).map((name) => join(to, "js", name))];

// 1. The stylesheet, in a layer of its own, so that our rules win without fighting over weight.
const source = readFileSync(join(from, "dist/css/bootstrap-italia.min.css"), "utf8").replace(/^\uFEFF/, "");
const licence = source.slice(0, source.indexOf("*/") + 2);
const [cut] = await new PurgeCSS().purge({
  content: ours,
  css: [{ raw: source.slice(licence.length) }],
  safelist: keep,
  blocklist: drop,
  variables: true,
  keyframes: true,
  fontFace: true,
});
// Inside of a layer "important" wins over everything outside: what our forms round and draw must not be.
const soft = cut.css.replace(/(\.form-control\{[^}]*\})/g, (rule) => rule.replaceAll(" !important", ""));
const css = `${licence}\n@layer bootstrap-italia{${soft}}\n`;
const weight = gzipSync(css, { level: 9 }).length;
mkdirSync(join(to, "css"), { recursive: true });
writeFileSync(join(to, "css/bootstrap-italia.css"), css);
console.log(`bootstrap-italia.css: ${css.length} bytes, ${weight} compressed (limit ${LIMIT})`);
if (weight > LIMIT) process.exit(1);

// 2. The icons that are used, as one sprite.
const names = new Set(icons);
for (const file of ours) {
  const text = readFileSync(file, "utf8");
  for (const match of text.matchAll(/icon\("([a-z-]+)"|\bit-([a-z]+(?:-[a-z]+)*)/g)) names.add(match[1] ?? match[2]);
}
const sprite = readFileSync(join(from, "dist/svg/sprites.svg"), "utf8");
const symbols = [...sprite.matchAll(/<symbol id="it-([a-z-]+)".*?<\/symbol>/gs)].filter((m) => names.has(m[1]));
const found = new Set(symbols.map((m) => m[1]));
const lost = icons.filter((name) => !found.has(name));
if (lost.length) throw new Error(`no such icon: ${lost.join(", ")}`);
mkdirSync(join(to, "svg"), { recursive: true });
writeFileSync(join(to, "svg/sprite.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.map((m) => m[0]).join("\n")}</svg>\n`);
writeFileSync(join(to, "svg/patterns.svg"), patterns());
console.log(`sprite.svg: ${symbols.length} icons`);

// 3. The fonts (woff2 alone), with their licences.
const fonts = {
  "titillium-web-regular": "Titillium_Web/titillium-web-v10-latin-ext_latin-regular",
  "titillium-web-italic": "Titillium_Web/titillium-web-v10-latin-ext_latin-italic",
  "titillium-web-600": "Titillium_Web/titillium-web-v10-latin-ext_latin-600",
  "titillium-web-700": "Titillium_Web/titillium-web-v10-latin-ext_latin-700",
  "lora-regular": "Lora/lora-v20-latin-ext_latin-regular",
  "lora-italic": "Lora/lora-v20-latin-ext_latin-italic",
  "lora-700": "Lora/lora-v20-latin-ext_latin-700",
};
mkdirSync(join(to, "fonts"), { recursive: true });
for (const [name, path] of Object.entries(fonts)) {
  writeFileSync(join(to, `fonts/${name}.woff2`), readFileSync(join(from, `dist/fonts/${path}.woff2`)));
}
for (const family of ["Titillium_Web", "Lora"]) {
  writeFileSync(join(to, `fonts/${family}-OFL.txt`), readFileSync(join(from, `dist/fonts/${family}/OFL.txt`)));
}

// 4. The plugins that our module imports, with what they import in turn.
const plugins = join(to, "js/bi");
rmSync(plugins, { recursive: true, force: true });
const wanted = ["plugins/collapse.js"];
const taken = new Set();
while (wanted.length) {
  const path = wanted.pop();
  if (taken.has(path)) continue;
  taken.add(path);
  const text = readFileSync(join(from, "dist", path), "utf8");
  for (const [, name] of text.matchAll(/from '(\.[^']+)'/g)) wanted.push(join(dirname(path), name));
  mkdirSync(dirname(join(plugins, path)), { recursive: true });
  writeFileSync(join(plugins, path), text.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, "\n"));
}
cpSync(join(from, "LICENSE"), join(plugins, "LICENSE"));
console.log(`js/bi: ${taken.size} modules`);
