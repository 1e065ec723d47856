import { EmotionRecognizer, type Emotion, type RecognizerOptions } from 'emotion-cam';
import { EmotionCam } from 'emotion-cam/define.js';

const options: RecognizerOptions = { maxFaces: 2, mode: 'image' };
const recognizer = await EmotionRecognizer.create(options);
const { faces } = await recognizer.recognize(document.createElement('canvas'));
const emotions: Emotion[] = faces.map(({ emotion }) => emotion);
console.log(emotions, recognizer.backend.name);

const cam = document.createElement('emotion-cam'); // the tag's own type
console.log(cam instanceof EmotionCam);
cam.labels = { happiness: 'Smiling' };
cam.addEventListener('emotion', ({ face, scores }) => console.log(face.id, scores.happiness));
