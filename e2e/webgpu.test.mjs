import { beforeAll, describe, expect, it } from 'vitest';
import { SWIFTSHADER_ARGS } from '../scripts/lib/chromium.mjs';
import { CLIP, bestOverlap, emotionsOf, errorsOf, shareOf } from './support/clip.mjs';
import { runDemo } from './support/demo-run.mjs';

describe('the demo with the recorded clip, on WebGPU', () => {
  /** @type {import('./support/demo-run.mjs').DemoRun} */
  let run;
  beforeAll(async () => {
    run = await runDemo({
      query: '?source=clip&backend=webgpu',
      args: SWIFTSHADER_ARGS,
      until: { emotions: 2 }, // seconds a frame on SwiftShader
      timeoutMs: 500_000,
    });
  });

  it('runs on WebGPU without an error', () => {
    expect(errorsOf(run.sightings)).toEqual([]);
    expect(run.complaints).toEqual([]);
    expect(emotionsOf(run.sightings)[0].stats.backend).toBe('webgpu');
  });

  it('finds the face and sees happiness in its smile', () => {
    for (const { box } of emotionsOf(run.sightings)) {
      expect(bestOverlap(box, CLIP.faces)).toBeGreaterThanOrEqual(0.4);
    }
    expect(shareOf(run.sightings, 'happiness')).toBe(1);
  });
});
