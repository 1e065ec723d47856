/* What is said where there is no camera. */
import '/sdk/dist/emotion-cam.bundle.js';
import { once, tell } from './report.js';

const cam = document.getElementById('cam');
cam.consent = 'none';
const failure = once(cam, 'error');
cam.start().catch(() => undefined);
const { error } = await failure;
const text = cam.renderRoot.querySelector('[part=error]').textContent;
await tell('no-camera', { code: error.code, text });
