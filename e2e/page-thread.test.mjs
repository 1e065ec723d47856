import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PORT } from '../scripts/lib/build.mjs';
import { openClipPage } from '../scripts/lib/clip-page.mjs';

/**
 * Files that only the thread that does the work has a use for. What a worker's script imports at once is not
 * among them: Chromium fetches that in the page's name.
 */
const WORKING_FILES = /tf-backend|vision_bundle|\.wasm$|\.tflite$|\.bin$/;

/** Runs in the page: reads frames of the clip in a thread, and says what the page itself holds of the pipeline. */
async function recognise(thread) {
  const { EmotionRecognizer } = globalThis.emotionCam;
  const options = { thread, backend: 'wasm', model: 'lite' };
  const recognizer = await EmotionRecognizer.create(options);
  const video = Object.assign(document.createElement('video'), { src: '/clip.webm', muted: true });
  await new Promise((resolve) => {
    video.addEventListener('loadeddata', resolve, { once: true });
  });
  let faces = 0;
  for (let frame = 0; frame < 5; frame++) {
    faces += (await recognizer.recognize(video, frame * 40)).faces.length;
  }
  recognizer.dispose();
  return {
    faces,
    hasTensorFlow: '_tfengine' in globalThis, // where TensorFlow.js keeps what it has of a page
    files: performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
  };
}

describe('the page’s own thread', () => {
  /** @type {Awaited<ReturnType<typeof openClipPage>>} */
  let site;
  beforeAll(async () => {
    site = await openClipPage(FIRST_PORT + 500);
  });
  afterAll(() => site.close());

  it('loads nothing of the pipeline, and runs no operation of it, where a worker does the work', async () => {
    const { faces, hasTensorFlow, files } = await site.page.evaluate(recognise, 'worker');
    expect(faces).toBe(5);
    expect(hasTensorFlow).toBe(false);
    expect(files.filter((file) => WORKING_FILES.test(file))).toEqual([]);
  });

  it('loads it where it was asked to do the work, so that the test above would see it', async () => {
    const { faces, hasTensorFlow, files } = await site.page.evaluate(recognise, 'main');
    expect(faces).toBe(5);
    expect(hasTensorFlow).toBe(true);
    expect(files.filter((file) => WORKING_FILES.test(file))).not.toEqual([]);
  });
});
