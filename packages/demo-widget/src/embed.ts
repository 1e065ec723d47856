import { EmotionCam } from 'emotion-cam/define.js';
import { linkToHost } from './host-link.js';
import { hostNote } from './host-note.js';
import { oneOf } from './one-of.js';
import { pageElement } from './page-element.js';

/**
 * The page for an `<iframe allow="camera">` of another site, as docs/guides/widget.md says:
 * `embed.html?host=https://example.com&lang=de&backend=…&model=…`. `host` is the origin of the page around
 * that gets the readings; without it nobody does.
 */

const cam = pageElement('#cam', EmotionCam);
const note = pageElement('#note', HTMLElement);
const parameters = new URLSearchParams(location.search);

const language = parameters.get('lang') ?? navigator.language;
document.documentElement.lang = language;
cam.backend =
  oneOf(['auto', 'webgpu', 'wasm', 'cpu'] as const, parameters.get('backend')) ?? 'auto';
const model = oneOf(['full', 'lite', 'auto'] as const, parameters.get('model'));
if (model) cam.model = model;

const host = parameters.get('host');
if (host !== null && !isOrigin(host)) {
  note.textContent = `This frame's address says host=${host}, which is no origin such as https://example.com. Nothing is started.`;
} else {
  if (host !== null && parent !== window) {
    linkToHost(cam, host);
    note.textContent = hostNote(new URL(host).host, language);
    note.lang = language;
  }
  cam.autostart = true; // asks for consent first
}

function isOrigin(text: string): boolean {
  try {
    const { protocol, origin } = new URL(text);
    return /^https?:$/.test(protocol) && origin === text;
  } catch {
    return false;
  }
}
