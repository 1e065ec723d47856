import { css, type CSSResult } from 'lit';

/** The scores. */
export const panelStyles: CSSResult = css`
  .panel {
    display: flex;
    flex-direction: column;
    gap: 0.875rem;
    justify-content: center;
    min-inline-size: 0;
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
    grid-template-columns: max-content minmax(2.5rem, 1fr) 3.25em;
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

  /* Takes the width of the bold name, so that nothing moves when another row becomes the bold one. */
  .name::after {
    display: block;
    block-size: 0;
    overflow: hidden;
    font-weight: 600;
    visibility: hidden;
    content: attr(data-name);
  }

  .bar {
    block-size: var(--bar-height);
    overflow: hidden;
    background: var(--track);
    border-radius: 99px;
  }

  .fill {
    --missing: calc((100% + 1px) * (var(--score) - 1)); /* +1px: nothing shows at 0 */

    block-size: 100%;
    background: color-mix(in oklab, var(--accent) 50%, var(--track));
    border-radius: inherit;
    transform: translateX(var(--missing));
    transition: transform 120ms linear;
  }

  [dir='rtl'] .fill {
    transform: translateX(calc(-1 * var(--missing)));
  }

  .top .fill {
    background: var(--accent);
  }

  .value {
    font-variant-numeric: tabular-nums;
    text-align: end;
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
  }

  @container (inline-size < 240px) {
    .label {
      flex-wrap: wrap;
      font-size: 1rem;
    }

    .bars {
      grid-template-columns: minmax(0, 1fr) auto;
    }

    .bar {
      grid-row: 2;
      grid-column: 1 / -1;
    }
  }

  @container (inline-size >= 640px) {
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
    .fill {
      transition: none;
    }
  }

  @media (forced-colors: active) {
    .bar {
      border: 1px solid CanvasText;
    }

    .row .fill {
      background: CanvasText;
      forced-color-adjust: none;
    }
  }
`;
