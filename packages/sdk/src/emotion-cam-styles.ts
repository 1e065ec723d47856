import { css, type CSSResult } from 'lit';

/**
 * The look of `<emotion-cam>`. Every `--emotion-cam-*` property is read through a private alias that
 * holds its default. Light or dark follows the `color-scheme` of the page.
 */
export const styles: CSSResult = css`
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
    min-inline-size: 240px;
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
    display: grid;
    grid-template: minmax(0, 1fr) auto / minmax(0, 1fr);
    block-size: 100%;
    overflow: hidden;
    background: var(--background);
    border: 1px solid var(--border);
    border-radius: var(--radius);
  }

  /* The picture. Video and box share one frame, which alone is fitted into the stage: the box cannot
     get out of register with the video. */

  .stage {
    position: relative;
    align-self: stretch;
    inline-size: 100%; /* or the least height would widen it, by its ratio */
    aspect-ratio: var(--ratio);
    min-block-size: 12rem;
    overflow: hidden;
    container-type: size;
    color: #ffffff;
  }

  :host([fit='contain']) .stage {
    background: #0c0f15;
  }

  .frame {
    position: absolute;
    top: 50%;
    left: 50%;
    inline-size: max(100cqi, 100cqb * var(--ratio));
    aspect-ratio: var(--ratio);
    translate: -50% -50%;
  }

  :host([fit='contain']) .frame {
    inline-size: min(100cqi, 100cqb * var(--ratio));
  }

  video {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    object-fit: fill;
  }

  .mirrored video {
    scale: -1 1;
  }

  .box {
    position: absolute;
    inset-block-start: calc(100% * var(--top));
    left: calc(100% * var(--left));
    inline-size: calc(100% * var(--width));
    block-size: calc(100% * var(--height));
    border: 2px solid var(--box);
    border-radius: 10px;
    box-shadow:
      0 0 0 1px rgb(0 0 0 / 0.35),
      inset 0 0 0 1px rgb(0 0 0 / 0.35);
  }

  .tag,
  .chip {
    position: absolute;
    padding: 0.2em 0.7em;
    font-size: 0.8125rem;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    background: rgb(12 15 21 / 0.78);
    border-radius: 99px;
  }

  .tag {
    inset-block-end: calc(100% + 8px);
    left: 50%;
    translate: -50%;
  }

  .tag.inside {
    inset-block: 8px auto;
  }

  .tag.at-left {
    left: 0;
    translate: none;
  }

  .tag.at-right {
    right: 0;
    left: auto;
    translate: none;
  }

  .chip {
    inset-block-end: 10px;
    left: 50%;
    translate: -50%;
    font-weight: 500;
  }

  /* What stands over the picture while there is none. */

  .cover {
    position: absolute;
    inset: 0;
    display: flex;
    flex-direction: column;
    gap: 0.75rem;
    align-items: center;
    justify-content: safe center;
    padding: 1rem;
    overflow: auto;
    text-align: center;
    text-wrap: pretty;
    background: #0c0f15;
  }

  .cover.over-picture {
    background: rgb(12 15 21 / 0.72);
  }

  .cover p {
    max-inline-size: 44ch;
    margin: 0;
    overflow-wrap: anywhere;
  }

  .error svg {
    flex: none;
    inline-size: 1.75rem;
    color: #ffb4a8;
  }

  .progress {
    flex: none;
    inline-size: min(12rem, 80%);
    block-size: 4px;
    overflow: hidden;
    background: rgb(255 255 255 / 0.25);
    border-radius: 99px;
  }

  .progress::before {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    content: '';
    background: #ffffff;
    border-radius: inherit;
    transform: scaleX(var(--progress));
    transform-origin: left;
    transition: transform 200ms ease-out;
  }

  .progress.unknown::before {
    animation: slide 1.4s ease-in-out infinite;
    transform: translateX(-100%);
    inline-size: 40%;
  }

  @keyframes slide {
    to {
      transform: translateX(250%);
    }
  }

  button {
    flex: none;
    min-block-size: 2.5rem;
    padding: 0 1.25rem;
    font: inherit;
    font-weight: 600;
    color: #0c0f15;
    cursor: pointer;
    background: #ffffff;
    border: 0;
    border-radius: 99px;
  }

  button:hover {
    background: #dfe5f2;
  }

  button:focus-visible {
    outline: 3px solid #8fabff;
    outline-offset: 2px;
  }

  /* The scores. */

  .panel {
    position: relative;
    display: flex;
    flex-direction: column;
    gap: 0.875rem;
    justify-content: center;
    padding: 1rem 1.125rem 1.125rem;
  }

  .label {
    display: flex;
    gap: 0.5rem;
    align-items: baseline;
    justify-content: space-between;
    margin: 0;
    font-size: 1.375rem;
    font-weight: 650;
    line-height: 1.2;
    letter-spacing: -0.01em;
  }

  .label.none {
    color: var(--muted);
  }

  .label .score {
    font-size: 1rem;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    color: var(--accent);
    letter-spacing: 0;
    white-space: nowrap;
  }

  .bars {
    display: grid;
    grid-template-columns: 6em minmax(2.5rem, 1fr) 3.25em; /* fixed: the bold row moves about */
    gap: 0.4375rem 0.75rem;
    padding: 0;
    margin: 0;
    list-style: none;
  }

  .row {
    display: grid;
    grid-template-columns: subgrid;
    grid-column: 1 / -1;
    align-items: center;
    color: var(--muted);
  }

  .row.top {
    font-weight: 600;
    color: var(--text);
  }

  .bar {
    block-size: var(--bar-height);
    overflow: hidden;
    background: var(--track);
    border-radius: 99px;
  }

  .fill {
    block-size: 100%;
    background: color-mix(in oklab, var(--accent) 50%, var(--track));
    border-radius: inherit;
    transform: translateX(calc((100% + 1px) * (var(--score) - 1))); /* +1px: nothing shows at 0 */
    transition: transform 120ms linear;
  }

  .top .fill {
    background: var(--accent);
  }

  .value {
    font-variant-numeric: tabular-nums;
    text-align: end;
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

  @container (inline-size < 320px) {
    .panel {
      gap: 0.625rem;
      padding: 0.75rem;
    }

    .label {
      font-size: 1.125rem;
    }

    .bars {
      gap: 0.25rem 0.5rem;
      font-size: 0.8125rem;
    }

    .cover {
      padding: 0.75rem;
      font-size: 0.8125rem;
    }
  }

  @container (inline-size >= 640px) {
    .root {
      grid-template: minmax(0, 1fr) / minmax(0, 1fr) minmax(17rem, 32%);
    }

    .panel {
      gap: 1.125rem;
      padding: 1.25rem 1.5rem;
    }

    .label {
      font-size: 1.5rem;
    }

    .bars {
      row-gap: 0.75rem;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .fill,
    .progress::before {
      transition: none;
    }

    .progress.unknown::before {
      animation: none;
      transform: none;
      inline-size: 100%;
      opacity: 0.5;
    }
  }

  @media (forced-colors: active) {
    .bar {
      border: 1px solid CanvasText;
    }

    .fill {
      background: CanvasText;
      forced-color-adjust: none;
    }
  }
`;
