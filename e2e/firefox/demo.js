/* Beside the demo's own script: tells what its <emotion-cam> saw. */
import { tell, until } from './report.js';

const { sightings } = globalThis; // of `writeDownSightings`
const count = (type) => sightings.filter((one) => one.type === type).length;
await until(() => count('emotion') >= 20 || count('error') > 0);
await tell('demo', { sightings, text: document.body.innerText });
