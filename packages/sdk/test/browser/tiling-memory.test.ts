import { expect } from 'chai';
import { DEFAULT_NETWORK } from '../../src/network/index.js';
import { FLOAT32, PACKED_FLOAT16 } from '../../src/webgpu/storage.js';
import { TilingMemory } from '../../src/webgpu/tiling-memory.js';
import { candidateTilings, chooseTiling } from '../../src/webgpu/tiling.js';
import { convolutionShapes } from '../../src/webgpu/time-tilings.js';

const card = (architecture: string): GPUAdapterInfo =>
  ({ vendor: 'acme', architecture, device: '', description: '' }) as GPUAdapterInfo;
const CARD = card('mk1');
const SHAPES = convolutionShapes(DEFAULT_NETWORK, FLOAT32);
const [SHAPE] = SHAPES;
const OTHER = candidateTilings(SHAPE!).at(-1)!;
const CACHE = 'emotion-cam-tilings';

describe('TilingMemory', () => {
  const clear = (): Promise<boolean> => caches.delete(CACHE);
  const open = (
    info = CARD,
    storage = FLOAT32,
    shapes: typeof SHAPES = SHAPES,
  ): Promise<TilingMemory> => TilingMemory.open(info, storage, shapes);

  beforeEach(clear);
  after(clear);

  /** The only entry, and another text in its place. */
  async function replaceEntry(change: (text: string) => string): Promise<void> {
    const cache = await caches.open(CACHE);
    const [request] = await cache.keys();
    const text = await (await cache.match(request!))!.text();
    await cache.put(request!, new Response(change(text)));
  }

  async function entries(): Promise<number> {
    return (await (await caches.open(CACHE)).keys()).length;
  }

  it('knows nothing at first, and takes the usual tilings', async () => {
    const memory = await open();
    for (const shape of SHAPES) {
      expect(memory.has(shape)).to.equal(false);
      expect(memory.choose(shape)).to.deep.equal(chooseTiling(shape));
    }
  });

  it('keeps what it is given for the next visit', async () => {
    await (await open()).remember([[SHAPE!, OTHER]]);
    const memory = await open();
    expect(memory.has(SHAPE!)).to.equal(true);
    expect(memory.choose(SHAPE!)).to.deep.equal(OTHER);
    expect(memory.has(SHAPES[1]!)).to.equal(false);
  });

  it('keeps the tilings of another network beside them', async () => {
    await (await open()).remember([[SHAPE!, OTHER]]);
    const rest = SHAPES.slice(1);
    const tilings = rest.map((shape) => [shape, chooseTiling(shape)] as const);
    await (await open(CARD, FLOAT32, rest)).remember(tilings);
    expect((await open()).choose(SHAPE!)).to.deep.equal(OTHER);
  });

  it('knows nothing of another card, and nothing of another storage', async () => {
    await (await open()).remember([[SHAPE!, OTHER]]);
    expect((await open(card('mk2'))).has(SHAPE!)).to.equal(false);
    expect((await open(CARD, PACKED_FLOAT16)).has(SHAPE!)).to.equal(false);
  });

  for (const [name, change] of [
    ['is not JSON', (text: string) => text.slice(1)],
    ['is empty', () => ''],
    ['is a list', () => '["4x4"]'],
    ['holds numbers', (text: string) => text.replace(/:"[^"]*"/, ':4')],
    ['names no tiling', (text: string) => text.replace('by', 'times')],
    ['names a tiling of another shape', (text: string) => text.replace(/slices \d+/, 'slices 8')],
  ] as const) {
    it(`throws an entry away that ${name}`, async () => {
      await (await open()).remember([[SHAPE!, OTHER]]);
      await replaceEntry(change);
      const memory = await open();
      expect(memory.has(SHAPE!)).to.equal(false);
      expect(memory.choose(SHAPE!)).to.deep.equal(chooseTiling(SHAPE!));
      expect(await entries()).to.equal(0);
    });
  }

  it('goes on where the browser has no storage', async () => {
    const { caches: kept } = globalThis;
    Object.defineProperty(globalThis, 'caches', { configurable: true, value: undefined });
    try {
      const memory = await open();
      await memory.remember([[SHAPE!, OTHER]]);
      expect(memory.choose(SHAPE!)).to.deep.equal(OTHER); // until it is closed
    } finally {
      Object.defineProperty(globalThis, 'caches', { configurable: true, value: kept });
    }
  });
});
