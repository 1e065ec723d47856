/* A person declines, agrees later, and stops. */
import '/sdk/dist/emotion-cam.bundle.js';
import { tell, until } from './report.js';

/** @type {MediaStreamTrack[]} */
const tracks = [];
const { getUserMedia } = MediaDevices.prototype;
MediaDevices.prototype.getUserMedia = async function (constraints) {
  const stream = await getUserMedia.call(this, constraints);
  tracks.push(...stream.getTracks());
  return stream;
};

const cam = document.getElementById('cam');
const report = [];
/** @param {string} part that is clicked on @param {string} state that follows */
const click = async (part, state) => {
  await cam.updateComplete;
  cam.renderRoot.querySelector(`[part=${part}]`).click();
  await until(() => cam.state === state || cam.state === 'error');
  await cam.updateComplete;
  report.push({ part, state: cam.state, tracks: tracks.map(({ readyState }) => readyState) });
};

await click('start-button', 'consent');
await click('decline-button', 'idle');
await click('start-button', 'consent');
await click('agree-button', 'running');
await until(() => cam.stats || cam.state === 'error'); // a frame was read
report.push({ backend: cam.stats?.backend });
await click('stop-button', 'idle');
await tell('camera', report);
