/** Registers `<emotion-cam>`. The only module of the package with a side effect. */
import { EmotionCam } from './emotion-cam.js';

export * from './index.js';

if (!customElements.get('emotion-cam')) customElements.define('emotion-cam', EmotionCam);
