import { beforeAll, describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/network/index.js';
import { failureOf } from '../support/failure.js';
import { narrowModel } from '../support/narrow-model.js';

let json: string;

beforeAll(async () => {
  json = JSON.stringify((await narrowModel()).manifest);
});

/** The valid manifest with one place changed; `undefined` is as good as absent. */
function changed(path: string, value: unknown): unknown {
  const document = JSON.parse(json) as Record<string, unknown>;
  const keys = path.split('.');
  let parent = document;
  for (const key of keys.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  parent[keys.at(-1)!] = value;
  return document;
}

/** Paths of all fields that are not free-form and not inside a list. */
function fieldsOf(value: object, below = ''): string[] {
  return Object.entries(value).flatMap(([key, field]: [string, unknown]) => {
    const path = below ? `${below}.${key}` : key;
    const isBranch = typeof field === 'object' && field !== null && !Array.isArray(field);
    return isBranch && !['metrics', 'training'].includes(path)
      ? [path, ...fieldsOf(field, path)]
      : [path];
  });
}

describe('parseManifest', () => {
  it('gives back a valid manifest as it was written', () => {
    expect(parseManifest(JSON.parse(json))).toEqual(JSON.parse(json));
  });

  it('names every field that is missing', () => {
    const fields = fieldsOf(JSON.parse(json) as object);
    expect(fields.length).toBeGreaterThan(35);
    for (const path of fields) {
      const error = failureOf(() => parseManifest(changed(path, undefined)));
      expect(error.code).toBe('manifest-invalid');
      expect(error.message).toContain(`"${path}" is missing, expected `);
    }
  });

  it.each([
    ['format', 'tfjs-layers-model'],
    ['labels', ['happiness', 'neutral', 'surprise', 'sadness', 'anger', 'disgust', 'fear']],
    ['created', 'yesterday'],
    ['network.width', 8.5],
    ['network.blocks', []],
    ['network.head', 'transformer'],
    ['input.size', 224], // the network's is 64
    ['input.mean', [0.5, 0.5]],
    ['input.std', [0.2, 0, 0.2]],
    ['input.channelOrder', 'bgr'],
    ['crop.eyes.leftEye', [0.28, '0.34']],
    ['crop.eyes.rightEye', [0.1, 0.34]], // left of the left eye
    ['crop.rollDeadBandDegrees', -1],
    ['temperature', 0],
    ['defaultVariant', 'float32'],
    ['variants.uint8.shards', []],
    ['variants.uint8.shards.0.bytes', 0],
    ['variants.uint8.shards.0.sha256', 'abc'],
    ['variants.uint8.shards.0.file', '../../secret.bin'],
    ['variants.uint8.shards.0.file', 'https://example.com/weights.bin'],
    ['variants.float16.tensors.0.dtype', 'int4'],
    ['variants.float16.tensors.0.byteOffset', -2],
    ['variants.uint8.tensors.0.scale', [1]], // 8 output channels
    ['golden.file', ''],
    ['metrics', []],
    ['terms', ''],
  ])('refuses %s = %j and names it', (path, value) => {
    const field = path.replace(/\.(\d+)/g, '[$1]');
    const error = failureOf(() => parseManifest(changed(path, value)));
    expect(error.code).toBe('manifest-invalid');
    expect(error.message).toContain(`"${field}" is `);
  });

  it('says which version it got and which it expects', () => {
    const error = failureOf(() => parseManifest(changed('formatVersion', 2)));
    expect(error.code).toBe('manifest-version');
    expect(error.message).toContain('format version 2, expected 1');
  });

  it('refuses weights that are not those of the network', () => {
    expect(() => parseManifest(changed('variants.uint8.tensors.3.name', 'other'))).toThrow(
      /"variants\.uint8\.tensors\[3\]" is "other .*expected stage1/,
    );
    expect(() => parseManifest(changed('variants.uint8.tensors.0.shape', [3, 3, 3, 8]))).toThrow(
      /tensors\[0\]" is "stem\.weight \[3,3,3,8\]", expected stem\.weight \[7,7,3,8\]/,
    );
    const fewer = changed('name', 'fewer') as { variants: { uint8: { tensors: unknown[] } } };
    fewer.variants.uint8.tensors.pop();
    expect(() => parseManifest(fewer)).toThrow(/is missing, expected epn\.bias \[7\]/);
  });

  it('refuses a weight that lies beyond the files', () => {
    expect(() => parseManifest(changed('variants.float16.tensors.0.byteOffset', 1e9))).toThrow(
      /"variants\.float16\.shards" is .* bytes for "stem\.weight"/,
    );
  });

  it.each([[null], [[]], ['text'], [undefined], [7]])('refuses a document that is %j', (value) => {
    expect(failureOf(() => parseManifest(value)).code).toBe('manifest-invalid');
  });
});
