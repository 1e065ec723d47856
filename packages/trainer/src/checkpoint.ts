import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackendName } from './backend.js';
import { resolveConfig, type StageConfig, type TrainingConfig } from './config.js';
import { TrainerError } from './errors.js';
import { removeUnfinished } from './write-json.js';

/** Where a run stands: the next step to do. */
export interface Position {
  readonly stage: number;
  readonly epoch: number;
  readonly step: number;
}

/** A run, as far as it got. */
export interface PastRun {
  readonly config: TrainingConfig;
  readonly position: Position;
  /** What the teacher that it learnt from went through, oldest first; absent without one. */
  readonly teacher?: readonly Ancestor[];
}

/** Weights from a file, for example torchvision's, whose own training is not known to us. */
export interface WeightsOrigin {
  /** Its name, without folders. */
  readonly file: string;
  readonly sha256: string;
  readonly format: 'torchvision' | 'safetensors';
}

/** What weights went through before a run: another run, or a file. */
export type Ancestor = PastRun | WeightsOrigin;

/** A stage and how many of its epochs have begun. */
export interface PastStage extends StageConfig {
  readonly seed: number;
  readonly epochsDone: number;
}

/** The stages of a run up to its position; the later ones never saw the weights. */
export function pastStages(ancestor: Ancestor): PastStage[] {
  if (!('config' in ancestor)) return [];
  const { config, position } = ancestor;
  return config.stages.slice(0, position.stage + 1).map((stage, index) => ({
    ...stage,
    seed: config.seed,
    epochsDone: index < position.stage ? stage.epochs : position.epoch + Math.sign(position.step),
  }));
}

/** What a checkpoint says about itself; the arrays follow it in the file. */
export interface CheckpointMeta {
  readonly config: TrainingConfig;
  /** Workers that shared each batch: the numbers depend on it through batch normalisation. */
  readonly workers: number;
  /** Back ends round differently, so a run is resumed on its own. */
  readonly backend: BackendName;
  readonly position: Position;
  /** What the weights went through before (`--init`), oldest first. */
  readonly ancestors: readonly Ancestor[];
  /** What the teacher's weights went through (`distillation`); absent without one. */
  readonly teacher?: readonly Ancestor[];
  /** Steps of Adam since the stage began. */
  readonly optimizerStep: number;
  /** Everything that the run carries on with, as plain data. */
  readonly progress: unknown;
}

/** Everything that the weights of a checkpoint went through, oldest first, its own run last. */
export function lineageOf({ ancestors, config, position, teacher }: CheckpointMeta): Ancestor[] {
  return [...ancestors, { config, position, ...(teacher && { teacher }) }];
}

/** A lineage with those of the teachers in it: everything whose data left a trace in the weights. */
export function withTeachers(lineage: readonly Ancestor[]): Ancestor[] {
  return lineage.flatMap((each) => [
    ...('config' in each ? withTeachers(each.teacher ?? []) : []),
    each,
  ]);
}

/** A checkpoint as it was read. */
export interface Checkpoint {
  readonly meta: CheckpointMeta;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

interface Header {
  readonly meta: CheckpointMeta;
  readonly arrays: readonly { readonly name: string; readonly length: number }[];
  /** Of all bytes after the header. */
  readonly sha256: string;
  /** Of meta and arrays as JSON. */
  readonly headerSha256: string;
}

const MAGIC = 'EMOCKPT2';
const PREFIX_BYTES = MAGIC.length + 4;

/** Whether bytes begin as a checkpoint of this version does. */
export function isCheckpoint(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, MAGIC.length) === MAGIC;
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Of the header's own content. */
function headerHash({ meta, arrays }: Pick<Header, 'meta' | 'arrays'>): string {
  return createHash('sha256').update(JSON.stringify({ meta, arrays })).digest('hex');
}

/**
 * Writes a checkpoint beside the old one, flushes it to the disk, then takes its place: an
 * interruption at any moment leaves whole files only.
 *
 * @param keep - names beside `path` for the checkpoints before it, newest first; the one that was at
 *   `path` gets the first, and so on; the last is let go. Between two of these renames there is
 *   none at `path`
 * @throws {TrainerError} `output-failed`; the old files are as they were
 */
export async function writeCheckpoint(
  path: string,
  meta: CheckpointMeta,
  arrays: Readonly<Record<string, Float32Array>>,
  keep: readonly string[] = [],
): Promise<void> {
  const entries = Object.entries(arrays);
  const hash = createHash('sha256');
  for (const [, array] of entries) hash.update(bytesOf(array));
  const content = {
    meta,
    arrays: entries.map(([name, array]) => ({ name, length: array.length })),
  };
  const header: Header = {
    ...content,
    sha256: hash.digest('hex'),
    headerSha256: headerHash(content),
  };
  const json = Buffer.from(JSON.stringify(header));
  const padding = (4 - ((PREFIX_BYTES + json.length) % 4)) % 4;
  const text = Buffer.concat([json, Buffer.alloc(padding, ' ')]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt32LE(text.length, MAGIC.length);

  const temporary = `${path}.writing`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(prefix);
      await file.writeFile(text);
      for (const [, array] of entries) await file.writeFile(bytesOf(array));
      await file.sync();
    } finally {
      await file.close();
    }
    const places = [path, ...keep.map((name) => join(dirname(path), name))];
    for (let place = places.length - 1; place > 0; place--) {
      await renameIfThere(places[place - 1]!, places[place]!);
    }
    await rename(temporary, path);
  } catch (cause) {
    await removeUnfinished(temporary);
    throw new TrainerError(
      'output-failed',
      `The checkpoint ${path} could not be written: ${(cause as Error).message}. What was there ` +
        'before is unchanged. Make room or give write access, then go on with --resume.',
      { cause },
    );
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/**
 * Reads a checkpoint.
 *
 * @throws {TrainerError} `checkpoint-missing`, `checkpoint-corrupt`
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new TrainerError(
      'checkpoint-missing',
      `There is no checkpoint at ${path}: ${(cause as Error).message}. Those of a run are in its ` +
        'folder, for example runs/<run>/best.ckpt; a run that has none yet is started without --resume.',
      { cause },
    );
  }
  const corrupt = (what: string): TrainerError =>
    new TrainerError(
      'checkpoint-corrupt',
      `The checkpoint ${path} ${what} (${bytes.length} bytes). It was cut short or changed; ` +
        'resume from another one, for example best.ckpt with --init.',
    );
  if (bytes.length < PREFIX_BYTES || !isCheckpoint(bytes)) {
    throw corrupt(`does not begin with ${MAGIC}`);
  }
  const start = PREFIX_BYTES + bytes.readUInt32LE(MAGIC.length);
  let header: Header;
  try {
    header = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, start)) as Header;
  } catch {
    throw corrupt('has no readable header');
  }
  if (header.headerSha256 !== headerHash(header)) {
    throw corrupt('has a header that does not match its own sha-256');
  }
  const expected = header.arrays.reduce((sum, { length }) => sum + length * 4, start);
  if (bytes.length !== expected) throw corrupt(`should hold ${expected} bytes`);
  const payload = bytes.subarray(start);
  if (createHash('sha256').update(payload).digest('hex') !== header.sha256) {
    throw corrupt('does not match its own sha-256');
  }
  const arrays: Record<string, Float32Array> = {};
  let offset = 0;
  for (const { name, length } of header.arrays) {
    const copy = new Float32Array(length);
    bytesOf(copy).set(payload.subarray(offset, offset + length * 4));
    arrays[name] = copy;
    offset += length * 4;
  }
  return { meta: withDefaults(path, header.meta), arrays };
}

/** Ancestors as they were saved, their configurations with the values that were added since. */
export function ancestorsOf(saved: readonly Ancestor[]): Ancestor[] {
  return saved.map((each) =>
    'config' in each
      ? {
          ...each,
          config: resolveConfig(each.config),
          ...(each.teacher && { teacher: ancestorsOf(each.teacher) }),
        }
      : each,
  );
}

/** Configurations of an older version lack the values that were added since: they were off. */
function withDefaults(path: string, meta: CheckpointMeta): CheckpointMeta {
  try {
    const config = resolveConfig(meta.config);
    return {
      ...meta,
      config,
      ancestors: ancestorsOf(meta.ancestors),
      ...(meta.teacher && { teacher: ancestorsOf(meta.teacher) }),
    };
  } catch (cause) {
    throw new TrainerError(
      'checkpoint-config',
      `The checkpoint ${path} was written by another version: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/**
 * Refuses to resume a run under another configuration.
 *
 * @throws {TrainerError} `checkpoint-config` naming the keys that differ
 */
export function requireSameConfig(path: string, saved: unknown, current: unknown): void {
  const different = differences(saved, current, '');
  if (different.length === 0) return;
  throw new TrainerError(
    'checkpoint-config',
    `The checkpoint ${path} belongs to another configuration: ${different.join('; ')}. ` +
      'Use its own configuration, or start a new run from its weights with --init.',
  );
}

/** Each value that is not equal in both, in words. */
export function differences(saved: unknown, current: unknown, path: string): string[] {
  if (JSON.stringify(saved) === JSON.stringify(current)) return [];
  const bothObjects = [saved, current].every((v) => typeof v === 'object' && v !== null);
  if (!bothObjects) {
    return [`${path} is ${JSON.stringify(saved)} there and ${JSON.stringify(current)} here`];
  }
  const [a, b] = [saved, current] as [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], path ? `${path}.${key}` : key),
  );
}
