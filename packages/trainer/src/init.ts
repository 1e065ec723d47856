import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { arenaLayout, slotView, type ArenaLayout, type Slot } from './arena.js';
import {
  ancestorsOf,
  isCheckpoint,
  lineageOf,
  readCheckpoint,
  type Ancestor,
} from './checkpoint.js';
import { TrainerError } from './errors.js';
import type { Reporter } from './reporter.js';
import { decodeSafetensors, type StoredArray } from './safetensors.js';
import { outputsOf } from './task.js';
import { asOurs, isTorchvision, ourName } from './torchvision.js';

/** Arrays of another network under our names, and where they come from. */
interface WeightsFile {
  /** What kind of file it is, in words. */
  readonly kind: string;
  readonly arrays: readonly Pick<StoredArray, 'name' | 'shape' | 'read'>[];
  /** Names that have no place in our networks. */
  readonly foreign: readonly string[];
  readonly ancestors: readonly Ancestor[];
}

/** Names in a list for people, before it is cut short: a whole head's are shown. */
const MOST_NAMES = 12;

async function readWeightsFile(path: string): Promise<WeightsFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new TrainerError(
      'weights-missing',
      `${path} cannot be read: ${(cause as Error).message}. Expected a checkpoint ` +
        '(runs/<run>/best.ckpt) or a .safetensors file.',
      { cause },
    );
  }
  if (isCheckpoint(bytes)) return ofCheckpoint(path);
  if (bytes[8] !== '{'.charCodeAt(0)) {
    throw new TrainerError(
      'weights-invalid',
      `${path} is neither a checkpoint of the trainer nor a safetensors file. PyTorch's .pth files ` +
        'become one with safetensors.torch.save_file(state_dict, path).',
    );
  }
  return ofSafetensors(path, bytes);
}

async function ofCheckpoint(path: string): Promise<WeightsFile> {
  const { meta, arrays } = await readCheckpoint(path);
  const values = arrays['average'] ?? arrays['arena']; // the average is what the run would save
  if (!values) throw new TrainerError('checkpoint-corrupt', `${path} holds no weights.`);
  return {
    kind: 'checkpoint',
    arrays: arenaLayout(meta.config.network, outputsOf(meta.config)).slots.map((slot) => ({
      ...slot,
      read: () => slotView(values, slot),
    })),
    foreign: [],
    ancestors: lineageOf(meta),
  };
}

function ofSafetensors(path: string, bytes: Buffer): WeightsFile {
  const { metadata, arrays } = decodeSafetensors(bytes, path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const self = { file: basename(path), sha256 };
  if (isTorchvision(arrays)) {
    const named = arrays.map((array) => ({ array, name: ourName(array.name) }));
    return {
      kind: 'torchvision ResNet',
      arrays: named.flatMap(({ array, name }) => (name === undefined ? [] : [asOurs(array, name)])),
      foreign: named.flatMap(({ array, name }) => (name === undefined ? [array.name] : [])),
      ancestors: [{ ...self, format: 'torchvision' }],
    };
  }
  if (metadata['batchNorm'] === 'folded') {
    throw new TrainerError(
      'weights-invalid',
      `${path} has batch normalisation folded into its convolutions, so it cannot be trained on. ` +
        'Export it from its checkpoint with --format safetensors --batch-norm separate.',
    );
  }
  return {
    kind: 'safetensors',
    arrays,
    foreign: [],
    ancestors: [...runsOf(path, metadata['training']), { ...self, format: 'safetensors' }],
  };
}

/** What our own export writes about the training of the weights. */
function runsOf(path: string, training: string | undefined): Ancestor[] {
  if (training === undefined) return [];
  try {
    const { runs } = JSON.parse(training) as { runs: Ancestor[] };
    return ancestorsOf(runs);
  } catch (cause) {
    throw new TrainerError(
      'weights-invalid',
      `The metadata "training" of ${path} is not what export writes: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Takes every array of a file that the network has under the same name and with the same shape; the
 * others keep their start values. What was taken, and what not, is printed.
 *
 * @param path - a checkpoint, ours in safetensors, or torchvision's ResNet-18 in safetensors
 * @param arena - its values are replaced where the file has them
 * @returns what the weights went through before, oldest first
 * @throws {TrainerError} `weights-missing`, `weights-invalid` (also if no convolution fits); those
 *   of `readCheckpoint`
 */
export async function loadInitialWeights(
  path: string,
  arena: Float32Array,
  layout: ArenaLayout,
  reporter: Reporter,
): Promise<readonly Ancestor[]> {
  const { kind, arrays, foreign, ancestors } = await readWeightsFile(path);
  const theirs = new Map(arrays.map((array) => [array.name, array]));
  const taken: Slot[] = [];
  const missing: string[] = [];
  const reshaped: string[] = [];
  for (const slot of layout.slots) {
    const array = theirs.get(slot.name);
    theirs.delete(slot.name);
    if (!array) {
      missing.push(slot.name);
    } else if (JSON.stringify(array.shape) !== JSON.stringify(slot.shape)) {
      reshaped.push(
        `${slot.name} is [${array.shape.join(',')}] there, [${slot.shape.join(',')}] here`,
      );
    } else {
      slotView(arena, slot).set(array.read());
      taken.push(slot);
    }
  }
  // Small vectors may have the same shape in a network that has nothing else in common.
  if (!taken.some(({ shape }) => shape.length === 4)) {
    throw new TrainerError(
      'weights-invalid',
      `No convolution of ${path} (${kind}) fits the network of this run` +
        `${reshaped.length > 0 ? `: ${listed(reshaped)}` : `; it holds ${listed([...theirs.keys(), ...foreign])}`}. ` +
        'Give the weights of a network of the same width and blocks.',
    );
  }
  const size = taken.reduce((sum, slot) => sum + slot.size, 0);
  reporter.line(
    `Start: ${taken.length} of ${layout.slots.length} arrays (${size} of ${layout.total} values) ` +
      `from ${path} (${kind})`,
  );
  const unused = [...theirs.keys(), ...foreign];
  if (missing.length > 0) reporter.line(`  not in it, start values kept: ${listed(missing)}`);
  if (reshaped.length > 0)
    reporter.line(`  of another shape, start values kept: ${listed(reshaped)}`);
  if (unused.length > 0) reporter.line(`  in it, not used: ${listed(unused)}`);
  return ancestors;
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  return names.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
