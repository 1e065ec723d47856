import { expect } from 'chai';
import { EmotionCamError } from '../../src/errors.js';
import type { Frame } from '../../src/frame.js';
import { EMOTIONS, type Emotion } from '../../src/network/emotions.js';
import { EmotionRecognizer } from '../../src/recognizer.js';
import type { RecognizerOptions } from '../../src/recognizer-options.js';
import type { ThreadName } from '../../src/thread.js';
import { replaceProperty, restoreProperties } from './support/camera-stubs.js';
import { seeded } from './support/seeded.js';
import { wrongFrame, wrongValue } from './support/wrong-input.js';
import { astronaut, drawn, placed } from './support/pictures.js';

/** 500 in all; the page's own thread has no messages that hide a mistake. */
const CALLS = { main: 300, worker: 200 } as const;
const SEED = 20_260_101;

/** As many calls may be under way at the same time. */
const OVERLAP = 8;

const REASON = new Error('the caller changed their mind');

/** What a call that fails may fail with. */
function isDocumented(error: unknown): boolean {
  return error === REASON || (error instanceof EmotionCamError && error.code !== 'internal');
}

const OPTIONS: readonly (keyof RecognizerOptions)[] = [
  ...(['model', 'frameBudgetMs', 'assets', 'backend', 'thread', 'mode', 'maxFaces'] as const),
  ...(['minDetectionConfidence', 'detectionIntervalMs', 'smoothingMs', 'switchMargin'] as const),
  ...(['minConfidence', 'onProgress', 'signal'] as const),
];

/** Workers that the page started and nobody ended. */
const runningWorkers = new Set<Worker>();

class CountedWorker extends Worker {
  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    runningWorkers.add(this);
  }

  override terminate(): void {
    super.terminate();
    runningWorkers.delete(this);
  }
}

for (const thread of ['main', 'worker'] as const) {
  describe(`the recognizer in the thread "${thread}" under ${CALLS[thread]} random calls, seed ${SEED}`, () => {
    callAtRandom(thread);
  });
}

function callAtRandom(thread: ThreadName): void {
  const random = seeded(SEED);
  /** What happened that a program cannot catch, or that no caller may bring about. */
  const accidents: string[] = [];
  let portrait: ImageBitmap;
  let living: EmotionRecognizer;
  let dead: EmotionRecognizer;

  const create = async (signal?: AbortSignal): Promise<EmotionRecognizer> => {
    const recognizer = await EmotionRecognizer.create({
      ...{ thread, backend: 'wasm', model: 'lite' },
      ...{ maxFaces: 2, cache: false, signal },
    });
    // Whatever a caller passes, nothing breaks in the recognizer itself.
    recognizer.addEventListener('setup-change', ({ reason }) => accidents.push(reason));
    recognizer.addEventListener('error', ({ error }) => accidents.push(error.message));
    return recognizer;
  };

  const handleAccident = (event: Event): void => {
    const what: unknown = event instanceof PromiseRejectionEvent ? event.reason : event;
    accidents.push(`${event.type}: ${String(what)}`);
  };

  /** Calls that take whatever comes; each says what it was called with. */
  const calls: readonly [weight: number, name: string, call: () => unknown][] = [
    [6, 'recognize', () => target().recognize(portrait, time())],
    [20, 'recognize, wrong', async () => target().recognize(await anyFrame(), time())],
    [
      4,
      'recognize, any time',
      () => target().recognize(drawn(64, 64), wrongValue(random) as number),
    ],
    [6, 'explain', () => target().explain(random.below(4), random.pick(EMOTIONS))],
    [
      6,
      'explain, wrong',
      () => target().explain(wrongValue(random) as number, wrongValue(random) as Emotion),
    ],
    [4, 'calibrate', () => target().calibrate(0.001, { signal: anySignal() })],
    [
      4,
      'calibrate, wrong',
      () =>
        target().calibrate(
          wrongValue(random) as number,
          wrongValue(random) as { signal: AbortSignal },
        ),
    ],
    [
      4,
      'record',
      () => {
        readAll(target().record({ maxReadings: 1 + random.below(5), everyMs: random.below(50) }));
      },
    ],
    [
      4,
      'record, wrong',
      () => {
        readAll(target().record({ [random.pick(['maxReadings', 'everyMs'])]: wrongValue(random) }));
      },
    ],
    [
      2,
      'record, no options',
      () => {
        readAll(target().record(wrongValue(random) as object));
      },
    ],
    [
      3,
      'baseline',
      () => {
        target().baseline = anyBaseline() as never;
      },
    ],
    [
      2,
      'getters',
      () => [
        target().backend,
        target().thread,
        target().manifest,
        target().model,
        target().numTensors,
        target().startTimings,
      ],
    ],
    [12, 'create, wrong', () => createWrong({ [random.pick(OPTIONS)]: wrongValue(random) })],
    [4, 'create, no options', () => createWrong(wrongValue(random))],
    [1, 'create, given up later', () => createAndGiveUp(random.below(400))],
    [1, 'create, disposed of at once', async () => (await create()).dispose()],
    [
      2,
      'dispose',
      () => {
        dead.dispose();
      },
    ],
  ];
  const bag = calls.flatMap(([weight, ...call]) => new Array<typeof call>(weight).fill(call));

  function target(): EmotionRecognizer {
    return random.below(6) === 0 ? dead : living;
  }
  function time(): number | undefined {
    return random.pick([undefined, 0, -1, 1e15, random.below(10_000)]);
  }
  async function anyFrame(): Promise<Frame> {
    return (random.below(4) === 0 ? wrongValue(random) : await wrongFrame(random)) as Frame;
  }
  function anySignal(): AbortSignal {
    return random.pick([AbortSignal.abort(REASON), new AbortController().signal]);
  }
  function anyBaseline(): unknown {
    const value = wrongValue(random);
    return random.pick([value, Object.fromEntries(EMOTIONS.map((emotion) => [emotion, value]))]);
  }
  /** Given up from the start, so that options are looked at and nothing is loaded. */
  async function createWrong(options: unknown): Promise<void> {
    const given: unknown =
      typeof options === 'object' && options !== null
        ? { signal: AbortSignal.abort(REASON), ...options }
        : options;
    const isGivenUp = given !== options;
    if (!isGivenUp && (options === undefined || typeof options === 'function')) return; // all defaults
    (await EmotionRecognizer.create(given as RecognizerOptions)).dispose();
  }

  /** Given up at some moment while it loads, or a moment too late. */
  async function createAndGiveUp(afterMs: number): Promise<void> {
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(REASON);
    }, afterMs);
    (await create(controller.signal)).dispose();
  }

  before(async () => {
    if (thread === 'worker') replaceProperty(globalThis, 'Worker', CountedWorker);
    portrait = await astronaut();
    window.addEventListener('unhandledrejection', handleAccident);
    window.addEventListener('error', handleAccident);
  });

  after(() => {
    restoreProperties();
    window.removeEventListener('unhandledrejection', handleAccident);
    window.removeEventListener('error', handleAccident);
  });

  it('fails with a code or the reason of the signal only, goes on and keeps nothing', async () => {
    [living, dead] = await Promise.all([create(), create()]); // at the same time
    dead.dispose();
    await living.recognize(portrait);
    const { numTensors } = living;

    const undocumented: string[] = [];
    const underWay = new Set<Promise<void>>();
    for (let i = 0; i < CALLS[thread]; i++) {
      const [name, call] = random.pick(bag);
      const done = attempt(call).then((error) => {
        underWay.delete(done);
        if (error !== undefined && !isDocumented(error)) {
          undocumented.push(`call ${i}, ${name}: ${describeError(error)}`);
        }
      });
      underWay.add(done);
      if (underWay.size >= OVERLAP || name === 'baseline') await settle(living, underWay);
      if (i % 100 === 50) {
        // In the middle of what is under way; a new one is made beside one that is given up.
        dead = living;
        living.dispose();
        living = await create();
      }
    }
    await settle(living, underWay);

    expect(undocumented).to.deep.equal([]);
    expect(accidents).to.deep.equal([]);
    living.baseline = undefined;
    const { faces } = await living.recognize(portrait, 1e16);
    expect(faces).to.have.lengthOf(1);
    expect(faces[0]!.emotion).to.equal('happiness');
    expect(living.numTensors).to.equal(numTensors);
    living.dispose();
    expect(runningWorkers).to.have.lengthOf(0);
  });

  it('reads a frame as large as they come, or refuses it with a code, and goes on', async () => {
    const recognizer = await create();
    const largest = placed(portrait, { width: 8192, height: 8192 }, { x: 0, y: 0, scale: 16 });
    const [result, error] = await recognizer.recognize(largest).then(
      (given) => [given, undefined] as const,
      (thrown: unknown) => [undefined, thrown] as const,
    );
    if (error !== undefined) expect(isDocumented(error), describeError(error)).to.equal(true);
    else expect(result?.faces).to.have.lengthOf(1);
    expect((await recognizer.recognize(portrait)).faces).to.have.lengthOf(1);
    recognizer.dispose();
    expect(accidents).to.deep.equal([]);
  });
}

/** Waits for calls; those of `calibrate` end with the frames that they wait for. */
async function settle(
  recognizer: EmotionRecognizer,
  underWay: ReadonlySet<Promise<void>>,
): Promise<void> {
  let isOver = false;
  const all = Promise.all(underWay).then(() => {
    isOver = true;
  });
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the promise
  for (let frame = 1; !isOver && frame < 20; frame++) {
    await attempt(() => recognizer.recognize(drawn(8, 8), 1e17 + frame * 1e6));
  }
  await all;
}

/** @returns what the call threw or was rejected with; undefined: it worked */
async function attempt(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error ?? 'nothing was thrown';
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${error.message} ${error.cause instanceof Error ? error.cause.message : ''} ${error.stack?.split('\n')[1] ?? ''}`;
}

function readAll(recording: ReturnType<EmotionRecognizer['record']>): void {
  recording.stop();
  JSON.stringify([recording, recording.toCsv(), recording.toVtt(), recording.frames]);
}
