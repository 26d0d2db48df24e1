// Twelve drawn patterns for cards without a picture: blocks of a quarter, in three tones of one hue.
// Drawn by a small generator with a fixed seed, so that the same file comes out each time.
const COLUMNS = 8, ROWS = 5, SIDE = 20, WIDTH = 160, HEIGHT = 90, COUNT = 12;

function numbers(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const shapes = [
  (x, y, s) => `M${x} ${y}h${s}v${s}z`,
  (x, y, s) => `M${x} ${y}v${s}h${s}z`,
  (x, y, s) => `M${x} ${y}h${s}a${s} ${s} 0 0 1-${s} ${s}z`,
  (x, y, s) => `M${x + s} ${y}v${s}h-${s}a${s} ${s} 0 0 1 ${s}-${s}z`,
  (x, y, s) => `M${x} ${y}h${s}v${s}h-${s}z`,
  (x, y, s) => `M${x} ${y + s / 2}a${s / 2} ${s / 2} 0 0 1 ${s} 0z`,
  (x, y, s) => `M${x} ${y + s}v-${s * 0.6}l${s / 2}-${s * 0.4}l${s / 2} ${s * 0.4}v${s * 0.6}z`,
  (x, y, s) => `M${x + s / 2} ${y}a${s / 2} ${s / 2} 0 0 1 0 ${s}a${s / 2} ${s / 2} 0 0 1 0-${s}z`,
];

function pattern(index) {
  const next = numbers(7919 * (index + 3));
  const chosen = [next(8), next(8), next(8)];
  const tones = ["", "", ""];
  const taken = new Set();
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      const tone = next(4);
      if (tone > 2 || taken.has(`${column} ${row}`)) continue;
      const big = column % 2 === 0 && row % 2 === 0 && next(6) === 0;
      if (big) [[1, 0], [0, 1], [1, 1]].forEach(([x, y]) => taken.add(`${column + x} ${row + y}`));
      tones[tone] += shapes[chosen[next(3)]](column * SIDE, row * SIDE, big ? SIDE * 2 : SIDE);
    }
  }
  const paths = tones.map((d, tone) => `<path fill="var(--q-tone-${tone + 1})" d="${d}"/>`).join("");
  return `<symbol id="p${index}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="xMidYMid slice"><rect width="${WIDTH}" height="${HEIGHT}" fill="var(--q-tone-0)"/>${paths}</symbol>`;
}

export function patterns() {
  const all = Array.from({ length: COUNT }, (_, index) => pattern(index)).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg">${all}</svg>\n`;
}
