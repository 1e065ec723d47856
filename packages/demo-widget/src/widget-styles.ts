/** A style sheet made by code: a strict policy of the page around forbids others. */
export function widgetStyles(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host {
      position: fixed;
      inset-block-end: 1rem;
      inset-inline-end: 1rem;
      z-index: 2147483000;
      display: flex;
      flex-direction: column;
      align-items: end;
      font: 600 0.875rem/1.5 system-ui, 'Segoe UI', Roboto, sans-serif;
    }
    :host([corner='start']) {
      inset-inline: 1rem auto;
      align-items: start;
    }
    :host([hidden]) {
      display: none;
    }
    [part='panel'] {
      inline-size: min(17rem, 100vw - 2rem);
      block-size: min(31rem, 100vh - 2rem);
      overflow: hidden;
      border-radius: 14px;
      box-shadow: 0 8px 30px rgb(0 0 0 / 0.28);
      outline: 1px solid rgb(128 128 128 / 0.4);
    }
    [part='panel'][hidden] {
      display: none;
    }
    [part='frame'] {
      display: block;
      inline-size: 100%;
      block-size: 100%;
      border: 0;
    }
    [part='toggle'] {
      padding: 0.45rem 1rem;
      font: inherit;
      color: #fff;
      cursor: pointer;
      background: #2f56d9;
      border: 1px solid rgb(255 255 255 / 0.35);
      border-radius: 99px;
      box-shadow: 0 4px 16px rgb(0 0 0 / 0.25);
    }
    :host([open]) [part='toggle'] {
      position: absolute;
      inset-block-start: -0.75rem;
      inset-inline-end: -0.5rem;
      inline-size: 2rem;
      block-size: 2rem;
      padding: 0;
    }
    [part='toggle']:focus-visible {
      outline: 3px solid #8fabff;
      outline-offset: 2px;
    }
  `);
  return sheet;
}
