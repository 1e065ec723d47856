import { EmotionRecognizer } from './emotion-cam/dist/emotion-cam.bundle.js';

const picture = document.querySelector('img');
await picture.decode();
const recognizer = await EmotionRecognizer.create({ mode: 'image', model: 'lite' });
const { faces } = await recognizer.recognize(picture);
document.querySelector('output').value = faces.map(({ emotion }) => emotion).join();
recognizer.dispose();
