import { describe, expect, it } from 'vitest';
import {
  DEFAULT_NETWORK,
  parameterCount,
  weightSpecs,
  type NetworkConfig,
  type WeightSpec,
} from '../../src/network/index.js';

const sizeOf = ({ shape }: WeightSpec): number => shape.reduce((a, b) => a * b, 1);

/** Trainable values of the weights whose name matches. */
function count(config: NetworkConfig, pattern: RegExp): number {
  return weightSpecs(config, { folded: false })
    .filter(({ name, kind }) => kind !== 'statistic' && pattern.test(name))
    .reduce((total, spec) => total + sizeOf(spec), 0);
}

describe('weightSpecs', () => {
  it.each([
    // ResNet-18 without its last layer
    ['the backbone', /^(stem|stage.*\.(conv1|conv2|shortcut))\./, 11_176_512],
    ['ECA', /\.eca\./, 36], // 2 blocks of 3, 6 of 5
    ['FDN', /^fdn\./, 590_976], // 512 * 9 * 128 + 9 * 128
    ['FRN, intra', /^frn\.intra\./, 148_608], // 9 * (128 * 128 + 128)
    ['FRN, inter', /^frn\.inter\./, 148_608],
    ['EPN', /^epn\./, 903], // 128 * 7 + 7
    ['the whole network', /./, 12_065_643],
  ])('gives %s its number of parameters', (_, pattern, expected) => {
    expect(count(DEFAULT_NETWORK, pattern)).toBe(expected);
  });

  it.each([
    ['none', 'fdrl', 12_065_643 - 36],
    ['eca', 'linear', 11_176_512 + 36 + 512 * 7 + 7],
    ['none', 'linear', 11_176_512 + 512 * 7 + 7],
  ] as const)('counts attention %s with head %s', (attention, head, expected) => {
    const config: NetworkConfig = { ...DEFAULT_NETWORK, attention, head };
    expect(parameterCount(config)).toBe(expected);
    const names = weightSpecs(config, { folded: true }).map(({ name }) => name);
    expect(names.some((name) => name.includes('.eca.'))).toBe(attention === 'eca');
    expect(names.some((name) => /^(fdn|frn|epn)\./.test(name))).toBe(head === 'fdrl');
    expect(names.includes('linear.weight')).toBe(head === 'linear');
  });

  it('names every weight once', () => {
    for (const folded of [true, false]) {
      const names = weightSpecs(DEFAULT_NETWORK, { folded }).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('folds gamma, beta, mean and variance of each of the 20 convolutions into one bias', () => {
    const kinds = (folded: boolean): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const { kind } of weightSpecs(DEFAULT_NETWORK, { folded })) {
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return counts;
    };
    // kernels: 20 convolutions, 8 ECA, FDN, intra, inter, EPN; biases: 20 of the convolutions, 4
    expect(kinds(false)).toEqual({ kernel: 32, scale: 20, bias: 24, statistic: 40 });
    expect(kinds(true)).toEqual({ kernel: 32, bias: 24 });
  });
});
