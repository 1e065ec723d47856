import type { ConvolutionSpec } from '../network/weights.js';
import { gather, type Gather } from './gather.js';
import { quads } from './kernel.js';
import { stemTileQuads } from './stem-kernel.js';
import type { Tiling } from './tiling.js';

/** How weights lie in a constant. */
export interface Packed {
  /** Length of the constant. */
  readonly vectors: number;
  readonly gathers: readonly Gather[];
}

/** A weight of one row and how long it is; without a name, so many zeros. */
export interface Row {
  readonly weight?: string | undefined;
  readonly length: number;
}

/** Rows behind one another, each filled up with zeros to whole vectors. */
export function packRows(...rows: readonly Row[]): Packed {
  const gathers: Gather[] = [];
  let vectors = 0;
  for (const { weight, length } of rows) {
    if (weight !== undefined) gathers.push(gather({ weight, columns: length, target: vectors }));
    vectors += quads(length);
  }
  return { vectors, gathers };
}

/**
 * Filters in the order in which `convolutionKernel` reads them:
 * [column tile][3x3 taps, then the shortcut's][input channels, whole quads][channels of the tile].
 */
export function packConvolution(
  conv: ConvolutionSpec,
  shortcut: ConvolutionSpec | undefined,
  tiling: Tiling,
): Packed {
  const { inputChannels, outputChannels } = conv;
  const tileQuads = tiling.threadColumns * tiling.quadsPerThread;
  const tiles = Math.ceil(quads(outputChannels) / tileQuads);
  const tapVectors = 4 * quads(inputChannels) * tileQuads;
  const taps = shortcut ? 10 : 9;
  const filters = (name: string, firstTap: number, count: number): Gather =>
    gather(
      {
        weight: `${name}.weight`,
        target: firstTap * tapVectors,
        columns: 4 * tileQuads,
        end: outputChannels,
      },
      { count: tiles, source: 4 * tileQuads, target: taps * tapVectors },
      { count, source: inputChannels * outputChannels, target: tapVectors },
      { count: inputChannels, source: outputChannels, target: tileQuads },
    );
  return {
    vectors: tiles * taps * tapVectors,
    gathers: [filters(conv.name, 0, 9), ...(shortcut ? [filters(shortcut.name, 9, 1)] : [])],
  };
}

/** The stem's filters: [tile][row][column][colour][channels of the tile]. */
export function packStem({
  name,
  outputChannels,
  kernelSize,
  inputChannels,
}: ConvolutionSpec): Packed {
  const tileQuads = stemTileQuads(quads(outputChannels));
  const tiles = Math.ceil(quads(outputChannels) / tileQuads);
  const depth = kernelSize ** 2 * inputChannels;
  const filters = gather(
    { weight: `${name}.weight`, columns: 4 * tileQuads, end: outputChannels },
    { count: tiles, source: 4 * tileQuads, target: depth * tileQuads },
    { count: 1, source: 0, target: 0 },
    { count: depth, source: outputChannels, target: tileQuads },
  );
  return { vectors: tiles * depth * tileQuads, gathers: [filters] };
}

/**
 * The weights of the latent features, one after the other: W_d [p,D], its bias, W_s [D,D], its bias,
 * W_e [D,D], its bias, with p and D filled up to whole quads.
 */
export function packBranches(options: {
  readonly features: number;
  readonly latents: number;
  readonly width: number;
}): Packed {
  const { features, latents, width } = options;
  const columns = width;
  /** Of each latent feature: rows of the matrix in its weight, how far apart, and from feature to feature. */
  const parts = [
    { name: 'fdn', rows: features, stride: latents * width, source: width },
    { name: 'frn.intra', rows: width, stride: width, source: width * width },
    { name: 'frn.inter', rows: width, stride: width, source: width * width },
  ];
  const branchVectors =
    parts.reduce((sum, { rows }) => sum + 4 * quads(rows) + 1, 0) * quads(width);
  let target = 0;
  const gathers = parts.flatMap(({ name, rows, stride, source }) => {
    const matrix = gather(
      { weight: `${name}.weight`, columns, target },
      { count: latents, source, target: branchVectors },
      { count: rows, source: stride, target: quads(width) },
    );
    target += 4 * quads(rows) * quads(width);
    const bias = gather(
      { weight: `${name}.bias`, columns, target },
      { count: latents, source: width, target: branchVectors },
    );
    target += quads(width);
    return [matrix, bias];
  });
  return { vectors: latents * branchVectors, gathers };
}

/** The last layer, [features,K] and [K]: a row for each class, then the biases. */
export function packClassifier(
  name: 'epn' | 'linear',
  { features, classes }: { readonly features: number; readonly classes: number },
): Packed {
  const target = classes * quads(features);
  return {
    vectors: target + quads(classes),
    gathers: [
      gather(
        { weight: `${name}.weight`, columns: features, columnStride: classes },
        { count: classes, source: 1, target: quads(features) },
      ),
      gather({ weight: `${name}.bias`, columns: classes, target }),
    ],
  };
}
