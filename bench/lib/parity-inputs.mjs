/**
 * Pictures that back ends are compared on: the public-domain portrait of the tests, cut and changed in
 * many ways, drawn faces with other expressions, and noise. No picture of a data set is among them.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** @type {typeof import('sharp')} */
const sharp = createRequire(new URL('../../packages/trainer/package.json', import.meta.url))(
  'sharp',
);
const PORTRAIT = fileURLToPath(new URL('../../e2e/fixtures/astronaut.png', import.meta.url));
/** The crop of the portrait's face that its eyes ask for, in pixels. */
const FACE = { left: 178, top: 80, side: 95 };

/**
 * @typedef {object} Change
 * @property {number} [grow] of the crop, around its middle
 * @property {number} [tilt] degrees
 * @property {[number, number]} [shift] pixels of the portrait
 * @property {boolean} [mirror]
 * @property {number} [brightness] @property {number} [saturation]
 * @property {number} [blur] standard deviation in pixels
 */

/** Chosen for the classes that the packaged model gives them; so are the drawings. @type {readonly Change[]} */
const CHANGES = [
  {},
  { mirror: true, brightness: 1.4 },
  { tilt: -30, grow: 1.2 },
  { grow: 1.5, saturation: 0 },
  { grow: 0.7, brightness: 0.5 },
  { shift: [0, 45], grow: 0.5 },
  { tilt: 180 },
  { tilt: 175, grow: 1.2, shift: [-60, 20], saturation: 0.4, blur: 1.6 },
  { tilt: 174, grow: 1.8, shift: [4, -33], brightness: 0.9, saturation: 1.8, blur: 5 },
  { tilt: -23, grow: 0.6, shift: [-12, -33], brightness: 1.7, saturation: 1.5, blur: 3.5 },
  { tilt: -21.6, grow: 1.8, shift: [-5, 24], brightness: 0.4, saturation: 0.3, blur: 3.9 },
];

/** @param {number} size @param {Change} change */
function portrait(size, change) {
  const { grow = 1, tilt = 0, shift = [0, 0], mirror = false } = change;
  const { brightness = 1, saturation = 1, blur } = change;
  const side = Math.round(FACE.side * grow);
  const [x, y] = [FACE.left + FACE.side / 2 + shift[0], FACE.top + FACE.side / 2 + shift[1]];
  // Wide enough that a turn leaves no corner empty.
  const wide = Math.round(side * 1.5);
  const region = {
    left: Math.max(0, Math.round(x - wide / 2)),
    top: Math.max(0, Math.round(y - wide / 2)),
    ...{ width: wide, height: wide },
  };
  const scaled = Math.round(size * 1.5);
  return sharp(PORTRAIT)
    .extract(region)
    .resize(scaled, scaled)
    .flop(mirror)
    .modulate({ brightness, saturation })
    .toBuffer()
    .then((upright) => sharp(upright).rotate(tilt).toBuffer({ resolveWithObject: true }))
    .then(({ data, info }) => {
      const corner = { left: (info.width - size) >> 1, top: (info.height - size) >> 1 };
      const cut = sharp(data).extract({ ...corner, width: size, height: size });
      return blur === undefined ? cut : cut.blur(blur);
    });
}

/**
 * @typedef {object} Drawing all lengths in hundredths of the picture
 * @property {number} smile of the mouth's middle below its corners
 * @property {number} open of the mouth
 * @property {number} frown of the brows' inner ends below the outer
 * @property {number} lift of the brows
 * @property {number} eyes their height
 */

/** @type {readonly Drawing[]} */
const DRAWINGS = [
  { smile: 0, open: 0, frown: 0, lift: 0, eyes: 4 },
  { smile: 5.5, open: 6.4, frown: 1.7, lift: -3.3, eyes: 1 },
  { smile: 0, open: 16, frown: -2, lift: 6, eyes: 7 },
  { smile: -9, open: 0, frown: -7, lift: 1, eyes: 3 },
  { smile: -4, open: 5, frown: 5, lift: -2, eyes: 2 },
  { smile: -12, open: 8, frown: 0, lift: 0, eyes: 0.5 },
];

/** @param {number} size @param {Drawing} drawing */
function drawnFace(size, { smile, open, frown, lift, eyes }) {
  const both = (/** @type {(side: number) => string} */ draw) => draw(-1) + draw(1);
  const mouthY = 74 - smile / 2;
  return sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 100 100">
<rect width="100" height="100" fill="#74808c"/>
<path d="M8 40 Q10 -8 50 -4 Q90 -8 92 40 Z" fill="#3a2a20"/>
<ellipse cx="50" cy="48" rx="38" ry="50" fill="#d9a98a"/>
<path d="M12 34 Q20 4 50 8 Q80 4 88 34 Q70 16 50 17 Q30 16 12 34 Z" fill="#3a2a20"/>
${both(
  (s) => `<ellipse cx="${50 + 20 * s}" cy="36" rx="8" ry="${eyes}" fill="#fff" stroke="#5a3c2c"/>
<ellipse cx="${50 + 20 * s}" cy="36" rx="${Math.min(4, eyes)}" ry="${Math.min(4, eyes)}" fill="#2c2018"/>
<path d="M${50 + 9 * s} ${26 - lift + frown / 2} Q${50 + 20 * s} ${22 - lift} ${50 + 31 * s} ${27 - lift - frown / 2}" fill="none" stroke="#3a2a20" stroke-width="3"/>`,
)}
<path d="M50 38 Q45 52 44 56 Q50 60 56 56" fill="none" stroke="#a87a60" stroke-width="2"/>
<path d="M32 ${mouthY} Q50 ${mouthY + 2 * smile - open} 68 ${mouthY} Q50 ${mouthY + 2 * smile + open + 1} 32 ${mouthY} Z" fill="#4a1a1a" stroke="#a04a44" stroke-width="3"/>
</svg>`),
  );
}

/** @param {number} size @param {number} seed */
function noise(size, seed) {
  let state = seed;
  const data = Uint8Array.from({ length: size ** 2 * 3 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
  return sharp(data, { raw: { width: size, height: size, channels: 3 } });
}

/**
 * @param {number} size side in pixels
 * @returns {Promise<{ name: string, pixels: Uint8Array }[]>} RGB, [S,S,3], twenty of them
 */
export async function parityInputs(size) {
  const named = [
    ...CHANGES.map((change, i) => [`portrait ${i + 1}`, portrait(size, change)]),
    ...DRAWINGS.map((drawing, i) => [`drawn face ${i + 1}`, drawnFace(size, drawing)]),
    ['noise', noise(size, 1)],
    ['soft noise', noise(size, 2).blur(8)],
    ['dark noise', noise(size, 3).modulate({ brightness: 0.3 }).blur(2)],
  ];
  const inputs = [];
  for (const [name, made] of named) {
    const picture = (await made).removeAlpha().toColourspace('srgb').raw();
    inputs.push({ name, pixels: new Uint8Array(await picture.toBuffer()) });
  }
  return inputs;
}
