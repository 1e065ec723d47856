import { css, type CSSResult } from 'lit';

/**
 * Colours and the outer shape. Every `--emotion-cam-*` property is read through a private alias that
 * holds its default. Light or dark follows the `color-scheme` of the page.
 */
export const hostStyles: CSSResult = css`
  :host {
    --accent: var(--emotion-cam-accent, light-dark(#2f56d9, #8fabff));
    --background: var(--emotion-cam-background, light-dark(#ffffff, #161a22));
    --text: var(--emotion-cam-text, light-dark(#171b23, #eef1f6));
    --muted: var(--emotion-cam-muted, light-dark(#596273, #a0a9b8));
    --border: var(--emotion-cam-border, light-dark(#dde1e8, #2b313d));
    --track: var(--emotion-cam-track, light-dark(#e9ecf2, #2a303c));
    --box: var(--emotion-cam-box, #ffffff);
    --radius: var(--emotion-cam-radius, 14px);
    --bar-height: var(--emotion-cam-bar-height, 8px);

    display: block;
    min-inline-size: 160px;
    container-type: inline-size;
    color: var(--text);
    font: var(--emotion-cam-font, 0.875rem/1.4 system-ui, 'Segoe UI', Roboto, sans-serif);
  }

  :host([hidden]) {
    display: none;
  }

  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }

  .root {
    position: relative;
    display: grid;
    grid-template: minmax(8rem, 1fr) auto / minmax(0, 1fr);
    block-size: 100%;
    overflow: hidden auto;
    background: var(--background);
    border: 1px solid var(--border);
    border-radius: var(--radius);
  }

  @container (inline-size >= 640px) {
    .root:has(.panel) {
      grid-template: minmax(8rem, 1fr) / minmax(0, 1fr) minmax(17rem, 32%);
    }
  }

  .live {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
