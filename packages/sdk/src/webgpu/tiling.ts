/** What a convolution does, in numbers; maps are square, channels in quads. */
export interface ConvolutionShape {
  readonly inputSide: number;
  readonly inputQuads: number;
  readonly outputSide: number;
  readonly outputQuads: number;
  readonly stride: number;
  /** Whether the block's 1x1 shortcut, of the same stride, is computed along. */
  readonly hasShortcut: boolean;
}

/**
 * How the work is cut. A convolution is a matrix product: rows are the pixels of the output, columns
 * its channels, and the depth runs over filter taps and input channels.
 */
export interface Tiling {
  readonly rowsPerThread: number;
  readonly quadsPerThread: number;
  readonly threadRows: number;
  readonly threadColumns: number;
  /** Quads of input channels between two barriers. */
  readonly depthQuads: number;
  /** Parts of the input channels that go to workgroups of their own; their results are added up later. */
  readonly slices: number;
}

/** So many workgroups keep the units of a large integrated card busy; 64 threads each. */
const ENOUGH_WORKGROUPS = 96;
/** Slices are added until there are this many. */
const MOST_WORKGROUPS = 256;
/** Larger maps have enough rows to share out, and their partial results would be large. */
const MOST_SLICED_ROWS = 256;
/** A slice of fewer channels spends its time on starting and storing. */
const LEAST_SLICE_QUADS = 8;

function workgroups(shape: ConvolutionShape, tileRows: number, tileQuads: number): number {
  return Math.ceil(shape.outputSide ** 2 / tileRows) * Math.ceil(shape.outputQuads / tileQuads);
}

function largestOf(candidates: readonly number[], isPossible: (n: number) => boolean): number {
  return candidates.find(isPossible) ?? 1;
}

/** 4x8 outputs a thread where that leaves enough workgroups, else 4x4, and slices where too few. */
export function chooseTiling(shape: ConvolutionShape): Tiling {
  const { outputSide, inputQuads, outputQuads } = shape;
  const rowsPerThread = 4;
  const threadRows = 8;
  const threadColumns = largestOf([8, 4, 2], (n) => n <= outputQuads);
  const tileRows = rowsPerThread * threadRows;
  const isWide =
    outputQuads >= 2 * threadColumns &&
    !shape.hasShortcut && // whose sums need as many registers again
    workgroups(shape, tileRows, 2 * threadColumns) >= ENOUGH_WORKGROUPS;
  const quadsPerThread = isWide ? 2 : 1;
  const unsliced = workgroups(shape, tileRows, quadsPerThread * threadColumns);
  const slices = largestOf(
    [8, 4, 2],
    (n) =>
      outputSide ** 2 <= MOST_SLICED_ROWS &&
      unsliced * n <= MOST_WORKGROUPS &&
      inputQuads % (n * LEAST_SLICE_QUADS) === 0,
  );
  const depthQuads = largestOf([4, 2], (n) => (inputQuads / slices) % n === 0);
  return { rowsPerThread, quadsPerThread, threadRows, threadColumns, depthQuads, slices };
}

/** Which tiling a convolution gets. */
export type TilingChoice = (shape: ConvolutionShape) => Tiling;

/** Tells shapes apart. */
export function shapeName(shape: ConvolutionShape): string {
  const { inputSide, inputQuads, outputSide, outputQuads, hasShortcut } = shape;
  const name = `${inputSide}x${inputQuads * 4} to ${outputSide}x${outputQuads * 4}`;
  return hasShortcut ? `${name} with shortcut` : name;
}

/** Tells the tilings of a shape apart. */
export function tilingName(tiling: Tiling): string {
  const { rowsPerThread, quadsPerThread, threadRows, threadColumns, depthQuads, slices } = tiling;
  return (
    `${rowsPerThread}x${quadsPerThread * 4} by ${threadRows}x${threadColumns}, ` +
    `depth ${depthQuads * 4}, slices ${slices}`
  );
}

/** WebGPU's default `maxComputeWorkgroupStorageSize`, in vectors. */
const MOST_TILE_VECTORS = 1024;

/**
 * Tilings that are the fastest on some graphics card, first what {@link chooseTiling} says. Each differs
 * from that in one thing.
 */
export function candidateTilings(shape: ConvolutionShape): Tiling[] {
  const usual = chooseTiling(shape);
  const { rowsPerThread, quadsPerThread, threadRows, threadColumns, depthQuads, slices } = usual;
  const isWide = quadsPerThread === 2;
  const variants: Tiling[] = [
    usual,
    { ...usual, quadsPerThread: isWide ? 1 : 2 },
    { ...usual, rowsPerThread: 2 * rowsPerThread },
    { ...usual, threadRows: 2 * threadRows },
    { ...usual, depthQuads: 2 * depthQuads },
    { ...usual, slices: 2 * slices },
    { ...usual, slices: slices / 2 },
  ];
  return variants.filter(
    (one) =>
      Number.isInteger(one.slices) &&
      shape.inputQuads % (one.slices * one.depthQuads) === 0 &&
      // A shortcut's sums need as many registers again.
      !(one.quadsPerThread === 2 && (shape.hasShortcut || shape.outputQuads < 2 * threadColumns)) &&
      (one.slices <= slices || shape.outputSide ** 2 <= MOST_SLICED_ROWS) &&
      tileLayout(one).vectors <= MOST_TILE_VECTORS,
  );
}

/** How a workgroup's memory is laid out, in vectors: a tile of the input, then one of the filters. */
export interface TileLayout {
  /** From one row of the input to the next. */
  readonly pitch: number;
  readonly filterStart: number;
  readonly vectors: number;
}

export function tileLayout(tiling: Tiling): TileLayout {
  const { rowsPerThread, quadsPerThread, threadRows, threadColumns, depthQuads } = tiling;
  const tileQuads = threadColumns * quadsPerThread;
  const pitch = depthQuads + 1; // without one between them rows fall on the same banks
  const filterStart = threadRows * rowsPerThread * pitch;
  const filterEnd = filterStart + depthQuads * 4 * tileQuads;
  return { pitch, filterStart, vectors: Math.max(filterEnd, threadRows * tileQuads) };
}
