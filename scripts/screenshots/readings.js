/* What the recognizer sees in the stills, once for all pictures: `await readStills()` in `window`. */
import { EmotionRecognizer } from '/dist/emotion-cam.bundle.js';
import { drawStill } from './stills.js';

/** What each is read with; one recognizer is to be sure of nothing. */
const OPTIONS = {
  one: { still: 'one' },
  two: { still: 'two', maxFaces: 2 },
  nobody: { still: 'nobody' },
  uncertain: { still: 'one', minConfidence: 0.9999 },
};

globalThis.readStills = async () => {
  const readings = {};
  for (const [name, { still, ...options }] of Object.entries(OPTIONS)) {
    const recognizer = await EmotionRecognizer.create({
      ...{ backend: 'wasm', mode: 'image', ...options },
    });
    const result = await recognizer.recognize(await drawStill(still));
    const [face] = result.faces;
    readings[name] = {
      result,
      heat: face && name === 'one' ? await heatOf(await recognizer.explain(face.id)) : null,
    };
    recognizer.dispose();
  }
  return JSON.stringify(readings);
};

async function heatOf({ canvas, toFrame }) {
  const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
  return { toFrame, picture: `data:image/png;base64,${btoa(String.fromCharCode(...bytes))}` };
}
