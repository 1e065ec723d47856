import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamedArray, NetworkConfig } from 'emotion-cam/network';
import { describe, expect, it } from 'vitest';
import { arenaLayout, initialise, slotView, type ArenaLayout } from '../src/arena.js';
import { writeCheckpoint, type Ancestor, type CheckpointMeta } from '../src/checkpoint.js';
import { resolveConfig } from '../src/config.js';
import { exportSafetensors, type BatchNormForm } from '../src/export/export-safetensors.js';
import { sourceOfCheckpoint } from '../src/export/weights-source.js';
import { loadInitialWeights } from '../src/init.js';
import { Reporter } from '../src/reporter.js';
import { createRng } from '../src/rng.js';
import { encodeSafetensors } from '../src/safetensors.js';
import { temporaryFolder } from './support/image-folders.js';
import { safetensorsFile } from './support/safetensors.js';
import { trainerError } from './support/trainer-error.js';
import { NARROW_NETWORK, randomArena } from './support/training.js';

class LineReporter extends Reporter {
  readonly lines: string[] = [];

  override line(text: string): void {
    this.lines.push(text);
  }
}

/** A network that starts from a file. */
interface Started {
  readonly layout: ArenaLayout;
  /** Its own start values. */
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly ancestors: readonly Ancestor[];
  readonly lines: readonly string[];
}

async function startFrom(path: string, over: Partial<NetworkConfig> = {}): Promise<Started> {
  const layout = arenaLayout({ ...NARROW_NETWORK, ...over });
  const before = new Float32Array(layout.total);
  initialise(before, layout, createRng(1));
  const after = before.slice();
  const reporter = new LineReporter();
  const ancestors = await loadInitialWeights(path, after, layout, reporter);
  return { layout, before, after, ancestors, lines: reporter.lines };
}

/** Names of the slots whose values are those of `arena` (by its own layout). */
function takenFrom(
  { layout, after, before }: Started,
  arena: Float32Array,
  of: ArenaLayout,
): string[] {
  const theirs = new Map(of.slots.map((slot) => [slot.name, slotView(arena, slot)]));
  return layout.slots
    .filter((slot) => {
      const now = slotView(after, slot).join();
      const isTheirs = now === theirs.get(slot.name)?.join();
      expect(isTheirs || now === slotView(before, slot).join(), slot.name).toBe(true);
      return isTheirs;
    })
    .map(({ name }) => name);
}

const OLDER: Ancestor = {
  config: resolveConfig({ seed: 2 }),
  position: { stage: 0, epoch: 1, step: 0 },
};

/** A checkpoint of random weights. */
async function checkpoint(
  over: Partial<NetworkConfig> = {},
): Promise<{ path: string; arena: Float32Array; layout: ArenaLayout; meta: CheckpointMeta }> {
  const network = { ...NARROW_NETWORK, ...over };
  const layout = arenaLayout(network);
  const arena = randomArena(layout, 9);
  for (const slot of layout.slots) {
    if (slot.kind === 'statistic') slotView(arena, slot).fill(0.25);
  }
  const meta: CheckpointMeta = {
    config: resolveConfig({ network }),
    workers: 1,
    backend: 'cpu',
    position: { stage: 0, epoch: 3, step: 0 },
    ancestors: [OLDER],
    optimizerStep: 5,
    progress: {},
  };
  const path = join(await temporaryFolder(), 'best.ckpt');
  await writeCheckpoint(path, meta, { arena });
  return { path, arena, layout, meta };
}

describe('a start from a checkpoint', () => {
  it('of the same network takes everything, and its ancestry', async () => {
    const { path, arena, meta } = await checkpoint();
    const { after, ancestors, lines } = await startFrom(path);
    expect(after).toEqual(arena);
    expect(ancestors).toEqual([OLDER, { config: meta.config, position: meta.position }]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${arena.length} of ${arena.length} values`);
  });

  it('of another head takes the backbone and says what it did not', async () => {
    const { path, arena, layout } = await checkpoint({ head: 'linear' });
    const started = await startFrom(path);
    const backbone = started.layout.slots
      .map(({ name }) => name)
      .filter((n) => /^st(em|age)/.test(n));
    expect(takenFrom(started, arena, layout)).toEqual(backbone);
    const text = started.lines.join('\n');
    expect(text).toMatch(/not in it, start values kept: fdn.weight, .*loss.class-centres/);
    expect(text).toMatch(/in it, not used: linear.weight, linear.bias$/);
  });

  it('keeps the start values of arrays with another shape', async () => {
    const { path, arena, layout } = await checkpoint({ latentWidth: 16 });
    const started = await startFrom(path);
    expect(takenFrom(started, arena, layout)).not.toContain('fdn.weight');
    expect(takenFrom(started, arena, layout)).toContain('stage4.block2.conv2.variance');
    expect(started.lines.join('\n')).toContain('fdn.weight is [32,48] there, [32,24] here');
  });

  it('of another width is refused: small vectors that fit by chance are no start', async () => {
    const { path } = await checkpoint({ width: 8 });
    const error = await trainerError(startFrom(path));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toContain('stem.weight is [7,7,3,8] there, [7,7,3,4] here');
  });
});

describe('a start from our safetensors', () => {
  const exported = async (form: BatchNormForm): Promise<string> => {
    const { path } = await checkpoint();
    const file = `${path}.safetensors`;
    await exportSafetensors(file, await sourceOfCheckpoint(path), form);
    return file;
  };

  it('takes the network, and its ancestry with the name and hash of the file', async () => {
    const path = await exported('separate');
    const { arena, layout, meta } = await checkpoint();
    const started = await startFrom(path);
    const network = layout.slots.map(({ name }) => name).filter((n) => !n.startsWith('loss.'));
    expect(takenFrom(started, arena, layout)).toEqual(network);
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    expect(started.ancestors).toEqual([
      OLDER,
      { config: meta.config, position: meta.position },
      { file: 'best.ckpt.safetensors', sha256, format: 'safetensors' },
    ]);
  });

  it('with folded batch normalisation is refused', async () => {
    const error = await trainerError(startFrom(await exported('folded')));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toContain('--batch-norm separate');
  });
});

/** The arrays of torchvision's resnet18 at width 4, each with values of its own. */
function torchvisionArrays(): NamedArray[] {
  const arrays: NamedArray[] = [];
  const add = (name: string, shape: readonly number[]): void => {
    const size = shape.reduce((a, b) => a * b, 1);
    const rng = createRng(20, arrays.length);
    arrays.push({ name, shape, data: Float32Array.from({ length: size }, () => rng.normal()) });
  };
  const addPair = (conv: string, bn: string, shape: readonly number[]): void => {
    add(`${conv}.weight`, shape);
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) {
      add(`${bn}.${part}`, [shape[0]!]);
    }
  };
  addPair('conv1', 'bn1', [4, 3, 7, 7]);
  let inputs = 4;
  for (const stage of [1, 2, 3, 4]) {
    const outputs = 4 * 2 ** (stage - 1);
    for (const block of [0, 1]) {
      const name = `layer${stage}.${block}`;
      addPair(`${name}.conv1`, `${name}.bn1`, [outputs, inputs, 3, 3]);
      addPair(`${name}.conv2`, `${name}.bn2`, [outputs, outputs, 3, 3]);
      if (inputs !== outputs) {
        addPair(`${name}.downsample.0`, `${name}.downsample.1`, [outputs, inputs, 1, 1]);
      }
      inputs = outputs;
    }
  }
  add('fc.weight', [1000, 32]);
  add('fc.bias', [1000]);
  return arrays;
}

describe("a start from torchvision's ResNet-18", () => {
  it('takes every convolution and batch normalisation, kernels turned to our order', async () => {
    const arrays = torchvisionArrays();
    const path = join(await temporaryFolder(), 'resnet18.safetensors');
    await writeFile(path, encodeSafetensors(arrays, { format: 'pt' }));
    const { layout, before, after, ancestors, lines } = await startFrom(path);

    const theirs = (name: string): NamedArray => arrays.find((array) => array.name === name)!;
    const ours = (name: string, of = after): Float32Array =>
      slotView(
        of,
        layout.slots.find((slot) => slot.name === name)!,
      );
    const kernels: [string, string][] = [
      ['stem.weight', 'conv1.weight'],
      ['stage2.block1.shortcut.weight', 'layer2.0.downsample.0.weight'],
      ['stage4.block2.conv2.weight', 'layer4.1.conv2.weight'],
    ];
    for (const [our, their] of kernels) {
      const { shape, data } = theirs(their);
      const [O, I, H, W] = shape as [number, number, number, number];
      const values = ours(our);
      for (let o = 0; o < O; o++) {
        for (let i = 0; i < I; i++) {
          for (let y = 0; y < H; y++) {
            for (let x = 0; x < W; x++) {
              const value = data[((o * I + i) * H + y) * W + x];
              expect(values[((y * W + x) * I + i) * O + o]).toBe(value);
            }
          }
        }
      }
    }
    const vectors: [string, string][] = [
      ['stem.gamma', 'bn1.weight'],
      ['stem.beta', 'bn1.bias'],
      ['stage1.block2.conv1.mean', 'layer1.1.bn1.running_mean'],
      ['stage3.block1.conv2.variance', 'layer3.0.bn2.running_var'],
      ['stage2.block1.shortcut.gamma', 'layer2.0.downsample.1.weight'],
    ];
    for (const [our, their] of vectors) expect(ours(our)).toEqual(theirs(their).data);
    expect(ours('fdn.weight')).toEqual(ours('fdn.weight', before));

    const backbone = layout.slots.filter(({ name }) => /^st(em|age)/.test(name));
    const convolutions = backbone.filter(({ name }) => !name.includes('.eca.'));
    expect(lines[0]).toContain(`${convolutions.length} of ${layout.slots.length} arrays`);
    expect(lines.join('\n')).toMatch(/in it, not used: fc.weight, fc.bias$/);
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    expect(ancestors).toEqual([{ file: 'resnet18.safetensors', sha256, format: 'torchvision' }]);
  });

  it('passes over the counters, which are whole numbers', async () => {
    const bytes = Buffer.from(encodeSafetensors(torchvisionArrays(), {}));
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, unknown>;
    const body = bytes.subarray(8 + length);
    header['bn1.num_batches_tracked'] = {
      dtype: 'I64',
      shape: [],
      data_offsets: [body.length, body.length + 8],
    };
    const path = join(await temporaryFolder(), 'resnet18.safetensors');
    await writeFile(path, safetensorsFile(header, Buffer.concat([body, Buffer.alloc(8)])));
    const { lines } = await startFrom(path);
    expect(lines.join('\n')).toContain('not used: fc.weight, fc.bias, bn1.num_batches_tracked');
  });

  it('names the shapes where the network has another width', async () => {
    const path = join(await temporaryFolder(), 'resnet18.safetensors');
    await writeFile(path, encodeSafetensors(torchvisionArrays(), {}));
    const error = await trainerError(startFrom(path, { width: 6 }));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toContain('stem.weight is [7,7,3,4] there, [7,7,3,6] here');
  });
});

describe('a start from no weights', () => {
  it('says that there is no such file', async () => {
    const error = await trainerError(startFrom('/nowhere/best.ckpt'));
    expect(error.code).toBe('weights-missing');
    expect(error.message).toContain('/nowhere/best.ckpt');
  });

  it("says what to do with PyTorch's own files", async () => {
    const path = join(await temporaryFolder(), 'resnet18.pth');
    await writeFile(path, Buffer.from('PK\u0003\u0004 and so on'));
    const error = await trainerError(startFrom(path));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toContain('save_file');
  });

  it('refuses safetensors of something else, naming what it holds', async () => {
    const path = join(await temporaryFolder(), 'bert.safetensors');
    const array = { name: 'embeddings.weight', shape: [2], data: Float32Array.of(1, 2) };
    await writeFile(path, encodeSafetensors([array], {}));
    const error = await trainerError(startFrom(path));
    expect(error.code).toBe('weights-invalid');
    expect(error.message).toContain('it holds embeddings.weight');
  });
});
