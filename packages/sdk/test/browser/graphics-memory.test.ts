import { expect } from 'chai';
import { EmotionRecognizer } from '../../src/recognizer.js';
import { narrowModel } from '../support/narrow-model.js';
import { astronaut, drawn } from './support/pictures.js';
import { serveModel } from './support/served-model.js';

/** Buffers and textures that were made and not destroyed. */
const living = new Set<GPUBuffer | GPUTexture>();
const restorers: (() => void)[] = [];

/** Lets a method tell what it gave or what it was called on. */
function watch<T extends object>(
  prototype: T,
  method: keyof T,
  tell: (result: unknown, self: T) => void,
): void {
  const original = prototype[method] as (...args: unknown[]) => unknown;
  prototype[method] = function (this: T, ...args: unknown[]): unknown {
    const result = original.apply(this, args);
    tell(result, this);
    return result;
  } as T[keyof T];
  restorers.push(() => {
    prototype[method] = original as T[keyof T];
  });
}

describe('the graphics memory of recognizers on WebGPU', () => {
  before(() => {
    for (const method of ['createBuffer', 'createTexture'] as const) {
      watch(GPUDevice.prototype, method, (made) => living.add(made as GPUBuffer | GPUTexture));
    }
    watch(GPUBuffer.prototype, 'destroy', (_, buffer) => living.delete(buffer));
    watch(GPUTexture.prototype, 'destroy', (_, texture) => living.delete(texture));
  });
  after(() => {
    for (const restore of restorers) restore();
  });

  it('is the same after every frame, with faces or without, and after recognizers that are gone', async function () {
    this.timeout(120_000); // a software adapter compiles slowly
    const served = serveModel(await narrowModel());
    const portrait = await astronaut();
    const use = async (frames: number): Promise<number> => {
      const recognizer = await EmotionRecognizer.create({
        ...{ thread: 'main', backend: 'webgpu', model: served.url },
        tuning: false, // makes buffers of its own while nothing else is to do
      });
      let counted = 0;
      for (let frame = 0; frame < frames; frame++) {
        const { faces } = await recognizer.recognize(frame % 2 ? drawn(64, 64) : portrait);
        expect(faces).to.have.lengthOf(frame % 2 ? 0 : 1);
        if (frame === 1) counted = living.size;
        if (frame > 1) expect(living.size).to.equal(counted);
      }
      expect(recognizer.backend.name).to.equal('webgpu');
      recognizer.dispose();
      return living.size;
    };
    const afterOne = await use(4);
    for (let cycle = 0; cycle < 2; cycle++) expect(await use(1)).to.equal(afterOne);
    served.dispose();
  });
});
