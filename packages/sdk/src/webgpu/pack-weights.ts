import type { ConvolutionSpec } from '../network/weights.js';
import { quads } from './kernel.js';
import { stemTileQuads } from './stem-kernel.js';
import type { Tiling } from './tiling.js';

/** Reads a weight by its name, row-major. */
export type ReadWeight = (name: string) => Float32Array;

/** Values behind one another, filled up with zeros to whole vectors. */
export function packVectors(...vectors: readonly ArrayLike<number>[]): Float32Array {
  const packed = new Float32Array(vectors.reduce((sum, { length }) => sum + 4 * quads(length), 0));
  let at = 0;
  for (const vector of vectors) {
    packed.set(vector, at);
    at += 4 * quads(vector.length);
  }
  return packed;
}

/** A bias, and the lower bound of the sums it is added to. */
export function packBias(bias: ArrayLike<number>, lowerBound: number): Float32Array {
  return packVectors(bias, new Float32Array(4).fill(lowerBound));
}

/** Copies [depth,Cout] to rows of a tile's channels, at most as many as there are. */
function packTile(
  packed: Float32Array,
  weights: Float32Array,
  options: {
    readonly packedAt: number;
    readonly weightsAt: number;
    readonly depth: number;
    readonly channels: number;
    readonly firstChannel: number;
    readonly tileChannels: number;
  },
): void {
  const { packedAt, weightsAt, depth, channels, firstChannel, tileChannels } = options;
  const width = Math.min(tileChannels, channels - firstChannel);
  for (let row = 0; row < depth; row++) {
    const start = weightsAt + row * channels + firstChannel;
    packed.set(weights.subarray(start, start + width), packedAt + row * tileChannels);
  }
}

/**
 * Filters in the order in which `convolutionKernel` reads them:
 * [column tile][3x3 taps, then the shortcut's][input channels, whole quads][channels of the tile].
 */
export function packConvolution(
  read: ReadWeight,
  conv: ConvolutionSpec,
  shortcut: ConvolutionSpec | undefined,
  tiling: Tiling,
): Float32Array {
  const { inputChannels, outputChannels } = conv;
  const tileChannels = 4 * tiling.threadColumns * tiling.quadsPerThread;
  const tiles = Math.ceil((4 * quads(outputChannels)) / tileChannels);
  const tapLength = 4 * quads(inputChannels) * tileChannels;
  const taps = Array.from({ length: 9 }, (_, tap) => ({ name: conv.name, tap }));
  if (shortcut) taps.push({ name: shortcut.name, tap: 0 });
  const packed = new Float32Array(tiles * taps.length * tapLength);
  for (let tile = 0; tile < tiles; tile++) {
    for (const [index, { name, tap }] of taps.entries()) {
      packTile(packed, read(`${name}.weight`), {
        packedAt: (tile * taps.length + index) * tapLength,
        weightsAt: tap * inputChannels * outputChannels,
        depth: inputChannels,
        channels: outputChannels,
        firstChannel: tile * tileChannels,
        tileChannels,
      });
    }
  }
  return packed;
}

/** The stem's filters: [tile][row][column][colour][channels of the tile]. */
export function packStem(read: ReadWeight, stem: ConvolutionSpec): Float32Array {
  const { outputChannels, kernelSize, inputChannels } = stem;
  const tileChannels = 4 * stemTileQuads(quads(outputChannels));
  const tiles = Math.ceil((4 * quads(outputChannels)) / tileChannels);
  const depth = kernelSize ** 2 * inputChannels;
  const packed = new Float32Array(tiles * depth * tileChannels);
  for (let tile = 0; tile < tiles; tile++) {
    packTile(packed, read(`${stem.name}.weight`), {
      packedAt: tile * depth * tileChannels,
      weightsAt: 0,
      depth,
      channels: outputChannels,
      firstChannel: tile * tileChannels,
      tileChannels,
    });
  }
  return packed;
}

/** [rows,columns] with both filled up to whole quads. */
function padMatrix(
  matrix: Float32Array,
  options: {
    readonly rows: number;
    readonly columns: number;
    readonly stride: number;
    readonly start: number;
  },
): Float32Array {
  const { rows, columns, stride, start } = options;
  const width = 4 * quads(columns);
  const padded = new Float32Array(4 * quads(rows) * width);
  for (let row = 0; row < rows; row++) {
    const at = start + row * stride;
    padded.set(matrix.subarray(at, at + columns), row * width);
  }
  return padded;
}

/**
 * The weights of the latent features, one after the other: W_d [p,D], its bias, W_s [D,D], its bias,
 * W_e [D,D], its bias, with p and D filled up to whole quads.
 */
export function packBranches(
  read: ReadWeight,
  options: { readonly features: number; readonly latents: number; readonly width: number },
): Float32Array {
  const { features, latents, width } = options;
  const biasOf = (name: string, latent: number): Float32Array =>
    read(name).subarray(latent * width, (latent + 1) * width);
  const branches = Array.from({ length: latents }, (_, latent) => {
    const own = { rows: width, columns: width, stride: width, start: latent * width * width };
    return [
      padMatrix(read('fdn.weight'), {
        rows: features,
        columns: width,
        stride: latents * width,
        start: latent * width,
      }),
      biasOf('fdn.bias', latent),
      padMatrix(read('frn.intra.weight'), own),
      biasOf('frn.intra.bias', latent),
      padMatrix(read('frn.inter.weight'), own),
      biasOf('frn.inter.bias', latent),
    ];
  });
  return packVectors(...branches.flat());
}

/** The last layer, [features,K] and [K]: a row for each class, then the biases. */
export function packClassifier(
  read: ReadWeight,
  name: 'epn' | 'linear',
  options: { readonly features: number; readonly classes: number },
): Float32Array {
  const { features, classes } = options;
  const matrix = read(`${name}.weight`);
  const rows = Array.from({ length: classes }, (_, k) =>
    Float32Array.from({ length: features }, (_, i) => matrix[i * classes + k]!),
  );
  return packVectors(...rows, read(`${name}.bias`));
}
