/* What is read in a single picture. */
import { EmotionRecognizer } from '/sdk/dist/emotion-cam.bundle.js';
import { tell } from './report.js';

const recognizer = await EmotionRecognizer.create({ backend: 'wasm', mode: 'image' });
const picture = await createImageBitmap(await (await fetch('/astronaut.png')).blob());
const { faces } = await recognizer.recognize(picture);
recognizer.dispose();
await tell(
  'still',
  faces.map(({ box, logits }) => ({ box, logits: [...logits] })),
);
