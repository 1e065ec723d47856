import { beforeAll, describe, expect, it } from 'vitest';
import { bestOverlap, emotionsOf, errorsOf, framesAround, shareOf } from './support/clip.mjs';
import { foreignRequests, runDemo } from './support/demo-run.mjs';

describe('the demo with the recorded clip, on wasm', () => {
  /** @type {import('./support/demo-run.mjs').DemoRun} */
  let run;
  beforeAll(async () => {
    run = await runDemo({
      query: '?source=clip&backend=wasm',
      until: { emotions: 50, lost: 2 }, // the second loss comes after the first return
      timeoutMs: 240_000,
    });
  });

  it('runs on the back end that was asked for, without an error', () => {
    expect(errorsOf(run.sightings)).toEqual([]);
    expect(run.complaints).toEqual([]);
    expect(emotionsOf(run.sightings)[0].stats.backend).toBe('wasm');
  });

  it('finds the face where it is in the frame', () => {
    const overlaps = emotionsOf(run.sightings)
      .map((sighting) => ({ sighting, faces: framesAround(sighting) }))
      .filter(({ faces }) => faces.every(({ visible }) => visible === 1))
      .map(({ sighting, faces }) => bestOverlap(sighting.box, faces));
    expect(overlaps.length).toBeGreaterThan(30);
    expect(Math.min(...overlaps)).toBeGreaterThanOrEqual(0.6);
  });

  it('sees happiness in a smile', () => {
    expect(shareOf(run.sightings, 'happiness')).toBeGreaterThan(0.9);
  });

  it('says that the face is lost once each time it leaves, and only then', () => {
    for (const sighting of run.sightings.filter(({ type }) => type === 'face-lost')) {
      // A face that is half out of the frame may be found or not.
      expect(Math.min(...framesAround(sighting).map(({ visible }) => visible))).toBeLessThan(1);
    }
    run.sightings.forEach(({ type }, index) => {
      if (type === 'face-lost') expect(run.sightings[index - 1].type).toBe('emotion');
    });
  });

  it('finds the face again when it returns', () => {
    const firstLoss = run.sightings.findIndex(({ type }) => type === 'face-lost');
    expect(emotionsOf(run.sightings.slice(firstLoss)).length).toBeGreaterThan(0);
  });

  it('asks no other origin for anything', () => {
    expect(foreignRequests(run)).toEqual([]);
    expect(run.requests.length).toBeGreaterThan(5);
  });

  it('holds as many tensors after 50 frames as after 10', () => {
    const results = emotionsOf(run.sightings);
    expect(results[9].stats.numTensors).toBeGreaterThan(0);
    expect(results[49].stats.numTensors).toBe(results[9].stats.numTensors);
  });
});
