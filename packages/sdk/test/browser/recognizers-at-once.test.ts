import { expect } from 'chai';
import { EmotionRecognizer } from '../../src/recognizer.js';
import { narrowModel } from '../support/narrow-model.js';
import { astronaut } from './support/pictures.js';
import { serveModel } from './support/served-model.js';

// In a file of its own, which is a page of its own: nothing is started yet.
describe("recognizers that are made at the same time in the page's own thread", () => {
  it('all start, as two elements on one page do', async () => {
    const served = serveModel(await narrowModel());
    const options = { thread: 'main', backend: 'wasm', model: served.url } as const;
    const recognizers = await Promise.all([
      EmotionRecognizer.create(options),
      EmotionRecognizer.create(options),
    ]);
    const portrait = await astronaut();
    for (const recognizer of recognizers) {
      expect((await recognizer.recognize(portrait)).faces).to.have.lengthOf(1);
      recognizer.dispose();
    }
    served.dispose();
  });

  it('start after one that failed', async () => {
    const served = serveModel(await narrowModel());
    const failed = EmotionRecognizer.create({
      thread: 'main',
      backend: 'wasm',
      model: '/nowhere/',
    });
    const next = EmotionRecognizer.create({ thread: 'main', backend: 'wasm', model: served.url });
    expect(await failed.catch((error: unknown) => error)).to.have.property(
      'code',
      'manifest-missing',
    );
    (await next).dispose();
    served.dispose();
  });
});
