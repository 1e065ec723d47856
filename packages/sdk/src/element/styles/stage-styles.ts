import { css, type CSSResult } from 'lit';

/**
 * The picture. Video, boxes and the page's overlay share one frame, which alone is fitted into the
 * stage: they cannot get out of register.
 */
export const stageStyles: CSSResult = css`
  .stage {
    position: relative;
    display: grid;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
    overflow: hidden;
    color: #ffffff;
    background: #0c0f15;
    outline: none; /* it takes the focus from a button that has gone, and has nothing to do with it */
  }

  /* As high as the picture, or as what stands over it where that needs more. */
  .stage::before {
    grid-area: 1 / 1;
    align-self: start;
    aspect-ratio: var(--ratio);
    content: '';
  }

  .picture {
    position: absolute;
    inset: 0;
    overflow: hidden;
    container-type: size;
  }

  .frame {
    position: absolute;
    top: 50%;
    left: 50%;
    /* A pixel more at each side: where the stage ends within one, the video leaves it to what is behind. */
    inline-size: calc(max(100cqi, 100cqb * var(--ratio)) + 2px);
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

  .mirrored video,
  .mirrored .heatmap {
    scale: -1 1;
  }

  .heatmap {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    pointer-events: none;
  }

  .page-overlay {
    position: absolute;
    inset: 0;
    pointer-events: none;
  }

  /* Places in the picture are physical: right to left text does not turn a camera around. */

  .box {
    position: absolute;
    top: calc(100% * var(--top));
    left: calc(100% * var(--left));
    inline-size: calc(100% * var(--width));
    block-size: calc(100% * var(--height));
    border: 2px solid var(--box);
    border-radius: 10px;
    box-shadow:
      0 0 0 1px rgb(0 0 0 / 0.35),
      inset 0 0 0 1px rgb(0 0 0 / 0.35);
  }

  .box.bare {
    border-color: transparent;
    box-shadow: none;
  }

  .point {
    position: absolute;
    top: calc(100% * var(--top));
    left: calc(100% * var(--left));
    inline-size: 6px;
    block-size: 6px;
    background: var(--box);
    border-radius: 50%;
    outline: 1px solid rgb(0 0 0 / 0.5);
    translate: -50% -50%;
  }

  .tag,
  .chip,
  .indicator {
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
    bottom: calc(100% + 8px);
    left: 50%;
    translate: -50%;
  }

  /* No room above it: below, so that it does not cover the eyes. */
  .tag.below {
    inset-block: calc(100% + 8px) auto;
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
    font-weight: 500;
    translate: -50%;
  }

  .indicator {
    inset-block-start: 8px;
    inset-inline-start: 8px;
    z-index: 1; /* never below a face's tag */
    display: flex;
    gap: 0.5em;
    align-items: center;
    max-inline-size: calc(100% - 16px);
    min-block-size: 1.75em;
    font-size: 0.75rem;
    font-weight: 500;
  }

  .light {
    flex: none;
    inline-size: 8px;
    block-size: 8px;
    background: #ff5f56;
    border-radius: 50%;
  }

  /* The light alone: the words would cover the face. They stay for screen readers. */
  @container (inline-size < 320px) {
    .indicator span:not(.light) {
      position: absolute;
      inline-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  }

  @media (forced-colors: active) {
    .tag,
    .chip,
    .indicator {
      border: 1px solid CanvasText;
    }

    .light,
    .point {
      background: CanvasText;
      forced-color-adjust: none;
    }
  }
`;
