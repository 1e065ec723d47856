import { expect } from 'chai';
import type { SetupChangeEvent } from '../../src/events.js';
import { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognizerOptions } from '../../src/recognizer-options.js';
import { rejectionOf } from '../support/failure.js';
import { NARROW_NETWORK, narrowModel, randomWeights } from '../support/narrow-model.js';
import { hostModel } from './support/hosted-model.js';
import { astronaut } from './support/pictures.js';
import { next } from './support/scripted-cam.js';

describe('the model of an EmotionRecognizer', () => {
  let full: string;
  let lite: string;
  let portrait: ImageBitmap;
  let recognizer: EmotionRecognizer;

  before(async () => {
    full = await hostModel(await narrowModel());
    const small = await narrowModel(randomWeights(NARROW_NETWORK, 2));
    lite = await hostModel({ ...small, manifest: { ...small.manifest, name: 'small' } });
    portrait = await astronaut();
  });
  afterEach(() => {
    recognizer.dispose();
  });

  async function create(options: RecognizerOptions, liteModel = lite): Promise<EmotionRecognizer> {
    const assets = { model: full, liteModel };
    recognizer = await EmotionRecognizer.create({
      ...{ thread: 'main', backend: 'wasm', assets },
      ...options,
    });
    return recognizer;
  }

  it('is the large or the small one by name, or that at an address', async () => {
    expect((await create({ model: 'full' })).model).to.equal('full');
    expect(recognizer.manifest.name).to.equal('narrow');
    recognizer.dispose();
    expect((await create({ model: 'lite' })).model).to.equal('lite');
    expect(recognizer.manifest.name).to.equal('small');
    recognizer.dispose();
    expect((await create({ model: full })).model).to.equal('given');
  });

  it('is by default the small one where the network cannot run on a graphics card, and an event says so', async () => {
    await create({ thread: 'auto' });
    const event = await next<SetupChangeEvent>(recognizer, 'setup-change');
    expect(event.cause).to.equal('without-gpu');
    expect(event.reason).to.contain('small model').and.to.contain('WebAssembly');
    expect(recognizer.model).to.equal('lite');
  });

  it('is the large one where the small one is not there', async () => {
    await create({}, '/nowhere/');
    expect(recognizer.model).to.equal('full');
    recognizer.dispose();
    const anotherPage = await hostModel({ ...(await narrowModel()), manifest: '<html>' as never });
    await create({}, anotherPage);
    expect(recognizer.model).to.equal('full');
  });

  it('is the one in the large one’s place, where there is none in the small one’s', async () => {
    const assets = { model: full };
    recognizer = await EmotionRecognizer.create({ thread: 'main', backend: 'wasm', assets });
    expect(recognizer.model).to.equal('full');
    expect(recognizer.manifest.name).to.equal('narrow');
  });

  it('must be there if it is asked for by name', async () => {
    const failure = rejectionOf(create({ model: 'lite' }, '/nowhere/'));
    expect((await failure).code).to.equal('manifest-missing');
  });

  it('is the small one from then on that frames take too long, and an event says so', async function () {
    this.timeout(300_000); // SwiftShader compiles the shaders of both
    await create({ model: 'auto', backend: 'webgpu', frameBudgetMs: 0.01 });
    expect(recognizer.model).to.equal('full');
    const event = next<SetupChangeEvent>(recognizer, 'setup-change');
    const causes: string[] = [];
    recognizer.addEventListener('setup-change', ({ cause }) => causes.push(cause));
    const ids = new Set<number>();
    while (causes.length === 0) {
      ids.add((await recognizer.recognize(portrait)).faces[0]!.id);
    }
    expect(causes).to.deep.equal(['over-budget']);
    expect((await event).reason).to.contain('0.01 ms');
    expect(recognizer.model).to.equal('lite');
    expect(recognizer.manifest.name).to.equal('small');
    expect(recognizer.backend.name).to.equal('webgpu');
    const { faces } = await recognizer.recognize(portrait);
    expect(ids.has(faces[0]!.id)).to.equal(false); // the tracker began anew
  });

  it('times its start by stage and the first result', async () => {
    await create({ thread: 'worker' });
    const { threadMs, backendMs, loadMs, warmUpMs, totalMs } = recognizer.startTimings;
    for (const ms of [threadMs, backendMs, loadMs, warmUpMs]) expect(ms).to.be.above(0);
    expect(threadMs + backendMs + loadMs + warmUpMs).to.be.at.most(totalMs);
    expect(recognizer.startTimings.firstResultMs).to.equal(undefined);
    await recognizer.recognize(portrait);
    const { firstResultMs } = recognizer.startTimings;
    expect(firstResultMs).to.be.above(totalMs);
    await recognizer.recognize(portrait);
    expect(recognizer.startTimings.firstResultMs).to.equal(firstResultMs);
  });
});
