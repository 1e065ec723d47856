import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differenceFrom } from '../scripts/screenshots/references.mjs';
import { SHOTS, nameOf, openStudio } from '../scripts/screenshots/studio.mjs';

describe('what is seen is what the references show', () => {
  /** @type {Awaited<ReturnType<typeof openStudio>>} */
  let studio;
  beforeAll(async () => {
    studio = await openStudio();
  });
  afterAll(() => studio?.close());

  it.each(SHOTS.map((shot) => [nameOf(shot), shot]))(
    '%s',
    async (name, shot) => {
      expect(await differenceFrom(name, await studio.take(shot))).toBeUndefined();
    },
    100_000,
  );
});
