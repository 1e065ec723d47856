import { pageElement } from './page-element.js';
import type {} from './widget-element.js'; // its event

/** What a page does with the widget: it listens. */
const heard = pageElement('#heard', HTMLElement);
pageElement('emotion-cam-widget', HTMLElement).addEventListener(
  'emotion-cam-message',
  ({ message }) => {
    heard.textContent = JSON.stringify(message, round, 2);
  },
);

function round(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(3)) : value;
}
