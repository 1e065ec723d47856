import { beforeAll, describe, expect, it } from 'vitest';
import {
  CLIP,
  CLIP_AS_CAMERA,
  bestOverlap,
  emotionsOf,
  errorsOf,
  shareOf,
} from './support/clip.mjs';
import { foreignRequests, runDemo } from './support/demo-run.mjs';

describe('the demo with a camera that plays the clip, on wasm', () => {
  /** @type {import('./support/demo-run.mjs').DemoRun} */
  let run;
  beforeAll(async () => {
    run = await runDemo({
      query: '?source=camera&backend=wasm',
      args: CLIP_AS_CAMERA,
      until: { emotions: 50, lost: 2 },
      timeoutMs: 240_000,
    });
  });

  it('runs without an error', () => {
    expect(errorsOf(run.sightings)).toEqual([]);
    expect(run.complaints).toEqual([]);
  });

  it("finds the face on the clip's path", () => {
    // A camera has no clock that the test could read: any of the clip's poses will do.
    for (const { box } of emotionsOf(run.sightings)) {
      expect(bestOverlap(box, CLIP.faces)).toBeGreaterThanOrEqual(0.4);
    }
  });

  it('follows the face as it moves', () => {
    const centres = emotionsOf(run.sightings).map(({ box }) => box.x + box.width / 2);
    expect(Math.max(...centres) - Math.min(...centres)).toBeGreaterThan(100);
  });

  it('sees happiness in a smile', () => {
    expect(shareOf(run.sightings, 'happiness')).toBeGreaterThan(0.9);
  });

  it('loses the face when it leaves and finds it again', () => {
    const losses = run.sightings.flatMap(({ type }, index) =>
      type === 'face-lost' ? [index] : [],
    );
    expect(losses.length).toBeGreaterThanOrEqual(2);
    const between = run.sightings.slice(losses[0], losses[1]);
    expect(emotionsOf(between).length).toBeGreaterThan(0);
  });

  it('asks no other origin for anything', () => {
    expect(foreignRequests(run)).toEqual([]);
  });

  it('holds as many tensors after 50 frames as after 10', () => {
    const results = emotionsOf(run.sightings);
    expect(results[49].stats.numTensors).toBe(results[9].stats.numTensors);
  });
});

describe('the demo where there is no camera', () => {
  it('shows the clip instead and says so', async () => {
    const run = await runDemo({
      query: '?backend=wasm',
      until: { emotions: 1 },
      timeoutMs: 120_000,
    });
    expect(emotionsOf(run.sightings).length).toBeGreaterThan(0);
    expect(run.text).toMatch(/no camera/i);
  });
});
