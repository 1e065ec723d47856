import { css, type CSSResult } from 'lit';

/** What stands over the picture while there is none, and all buttons. */
export const coverStyles: CSSResult = css`
  .cover {
    position: relative;
    display: flex;
    flex-direction: column;
    grid-area: 1 / 1;
    gap: 0.75rem;
    align-items: center;
    justify-content: safe center;
    padding: 1rem;
    overflow: auto; /* where the page gives it too little height */
    text-align: center;
    text-wrap: pretty;
    background: #0c0f15;
  }

  .cover.over-picture {
    background: rgb(12 15 21 / 0.72);
  }

  .cover p,
  .cover ::slotted(*) {
    max-inline-size: 44ch;
    margin: 0;
    hyphens: auto;
    overflow-wrap: anywhere;
  }

  .title {
    font-size: 1.0625rem;
    font-weight: 650;
    text-wrap: balance;
  }

  .detail {
    font-size: 0.8125rem;
    color: #c3cad6;
  }

  .consent p:not(.title) {
    font-size: 0.8125rem;
    color: #dfe5f2;
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

  [dir='rtl'] .progress::before {
    transform-origin: right;
  }

  .progress.unknown::before {
    inline-size: 40%;
    transform: translateX(-100%);
    animation: slide 1.4s ease-in-out infinite;
  }

  @keyframes slide {
    to {
      transform: translateX(250%);
    }
  }

  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    justify-content: center;
  }

  button {
    flex: none;
    max-inline-size: 100%;
    min-block-size: 2.5rem;
    padding: 0 1.25rem;
    font: inherit;
    font-weight: 600;
    color: #0c0f15;
    cursor: pointer;
    background: #ffffff;
    border: 1px solid transparent;
    border-radius: 99px;
  }

  button:hover {
    background: #dfe5f2;
  }

  button.quiet {
    color: #ffffff;
    background: none;
    border-color: rgb(255 255 255 / 0.45);
  }

  button.quiet:hover {
    background: rgb(255 255 255 / 0.12);
  }

  button.small {
    min-block-size: 1.5rem; /* WCAG 2.2, 2.5.8 */
    padding: 0 0.7em;
    margin-inline-end: -0.35em;
    font-size: 0.75rem;
  }

  button:focus-visible {
    outline: 3px solid #8fabff;
    outline-offset: 2px;
  }

  @container (inline-size < 320px) {
    .cover {
      padding: 0.75rem;
      font-size: 0.8125rem;
    }

    button {
      padding: 0.25rem 0.9rem;
    }
  }

  @media (prefers-reduced-motion: reduce) {
    .progress::before {
      transition: none;
    }

    .progress.unknown::before {
      inline-size: 100%;
      opacity: 0.5;
      transform: none;
      animation: none;
    }
  }

  @media (forced-colors: active) {
    .progress {
      border: 1px solid CanvasText;
    }

    .progress::before {
      background: CanvasText;
      forced-color-adjust: none;
    }

    button {
      border-color: ButtonText;
    }
  }
`;
