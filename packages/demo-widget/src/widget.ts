import { EmotionCamWidget } from './widget-element.js';

/**
 * Registers `<emotion-cam-widget>`. For a classic `<script src="https://…/widget.js">` of any page: it
 * needs no permission of the other site to be read, as a module would.
 */

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  EmotionCamWidget.embedAddress = new URL('embed.html', script.src).href;
}
if (!customElements.get('emotion-cam-widget')) {
  customElements.define('emotion-cam-widget', EmotionCamWidget);
}
