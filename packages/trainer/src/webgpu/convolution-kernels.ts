import type { ConvolutionShape } from './convolution-shape.js';
import { kernel, repeat, type Kernel } from './kernel.js';

/**
 * A convolution of a map as a tiled matrix product: rows are pixels of the map that is written, columns
 * its channels, and the depth runs over filter taps and channels of the map that is read. The forward
 * pass and the gradient of the input are both of this form and differ in where taps are found.
 */
interface MapProduct {
  readonly label: string;
  readonly images: number;
  /** Of the map that is read. */
  readonly sourceSide: number;
  /** Quads of a pixel that is read. */
  readonly sourceQuads: number;
  /** Quads that each tap reads, from its pixel on. */
  readonly depthQuads: number;
  /** Of the map that is written. */
  readonly side: number;
  readonly quads: number;
  /** Filter taps along y and along x. */
  readonly taps: readonly [y: number, x: number];
  /** The pixel that tap 0 reads for pixel `(y, x)`, and how it moves with the tap. */
  readonly source: { readonly scale: number; readonly offset: number; readonly direction: 1 | -1 };
  /**
   * Pixels of the written map fall into classes by (y mod classes, x mod classes), each of which meets
   * every classes-th tap only: 1, or the stride where a gradient is spread.
   */
  readonly classes: number;
  /** How filters lie in memory: their vectors run along the columns, or along the depth. */
  readonly filters: 'along-columns' | 'along-depth';
  /** Channels of a source pixel that have filters: all of them but for images. */
  readonly depthChannels: number;
  /** Adds to what is there. */
  readonly isAdded: boolean;
}

/** Outputs of a thread along the rows, and workgroups below which tiles are made smaller. */
const ROWS_PER_THREAD = 4;
const ENOUGH_WORKGROUPS = 512;

interface Tiling {
  readonly threadRows: number;
  readonly threadColumns: number;
  readonly quadsPerThread: number;
  /** Quads of depth between two barriers. */
  readonly chunk: number;
}

/** Quads of depth between two barriers, at most; fewer where few threads would load many vectors each. */
const MOST_CHUNK = 7;

function largestDivisor(number: number, most: number): number {
  let divisor = Math.min(number, most);
  while (number % divisor > 0) divisor--;
  return divisor;
}

/** Pixels of a class, counted as if every class were as large as the largest. */
function rowsOf({ images, side, classes }: MapProduct): number {
  return images * Math.ceil(side / classes) ** 2;
}

function tilingOf(product: MapProduct): Tiling {
  const { quads, depthQuads, classes } = product;
  const threadColumns = [8, 4, 2].find((columns) => columns <= quads) ?? 1;
  const quadsPerThread = quads >= 2 * threadColumns ? 2 : 1;
  const tiles =
    Math.ceil(rowsOf(product) / (16 * ROWS_PER_THREAD)) *
    Math.ceil(quads / (threadColumns * quadsPerThread)) *
    classes ** 2;
  return {
    threadRows: tiles < ENOUGH_WORKGROUPS ? 8 : 16,
    threadColumns,
    quadsPerThread,
    chunk: largestDivisor(depthQuads, Math.min(threadColumns, MOST_CHUNK)),
  };
}

function workgroupsOf(product: MapProduct): [x: number, y: number, z: number] {
  const { threadRows, threadColumns, quadsPerThread } = tilingOf(product);
  return [
    Math.ceil(product.quads / (threadColumns * quadsPerThread)),
    Math.ceil(rowsOf(product) / (threadRows * ROWS_PER_THREAD)),
    product.classes ** 2,
  ];
}

function forwardProduct(shape: ConvolutionShape): MapProduct {
  const { images, inputSide, inputChannels, outputSide, outputChannels } = shape;
  const { kernelSize, stride, padding, isFirst } = shape;
  const common = {
    label: `convolution ${kernelSize}x${kernelSize}`,
    images,
    side: outputSide,
    quads: outputChannels / 4,
    classes: 1,
    filters: 'along-columns',
    isAdded: false,
  } as const;
  if (isFirst) {
    // A row of the filter meets neighbouring pixels of one vector each: one tap of that many quads.
    return {
      ...common,
      sourceSide: inputSide + 2 * padding,
      sourceQuads: 1,
      depthQuads: kernelSize,
      depthChannels: inputChannels,
      taps: [kernelSize, 1],
      source: { scale: stride, offset: 0, direction: 1 },
    };
  }
  return {
    ...common,
    sourceSide: inputSide,
    sourceQuads: inputChannels / 4,
    depthQuads: inputChannels / 4,
    depthChannels: 4,
    taps: [kernelSize, kernelSize],
    source: { scale: stride, offset: -padding, direction: 1 },
  };
}

function inputGradientProduct(shape: ConvolutionShape, isAdded: boolean): MapProduct {
  const { images, inputSide, inputChannels, outputSide, outputChannels } = shape;
  const { kernelSize, stride, padding } = shape;
  return {
    label: `input gradient ${kernelSize}x${kernelSize}`,
    images,
    side: inputSide,
    quads: inputChannels / 4,
    sourceSide: outputSide,
    sourceQuads: outputChannels / 4,
    depthQuads: outputChannels / 4,
    depthChannels: 4,
    taps: [kernelSize, kernelSize],
    source: { scale: 1, offset: padding, direction: -1 },
    classes: stride,
    filters: 'along-depth',
    isAdded,
  };
}

/**
 * y = the convolution of x. Bindings: x [N,H,W,Cin]; filters [k,k,Cin,Cout]; y [N,H',W',Cout]. The images
 * that the first convolution reads are [N,H+2p,W+2p,4], p its padding.
 */
export function convolutionKernel(shape: ConvolutionShape): Kernel {
  return mapProductKernel(forwardProduct(shape));
}

export function convolutionWorkgroups(shape: ConvolutionShape): [number, number, number] {
  return workgroupsOf(forwardProduct(shape));
}

/**
 * dL/dx of a convolution. Pixels of x are gone through by what they are modulo the stride, so that no
 * product is spent on the zeros that a spread dL/dy would have. Bindings: dL/dy; filters; dL/dx.
 *
 * @param isAdded - dL/dx is added to what is there
 */
export function inputGradientKernel(shape: ConvolutionShape, isAdded: boolean): Kernel {
  return mapProductKernel(inputGradientProduct(shape, isAdded));
}

export function inputGradientWorkgroups(shape: ConvolutionShape): [number, number, number] {
  return workgroupsOf(inputGradientProduct(shape, false));
}

function mapProductKernel(product: MapProduct): Kernel {
  const { sourceSide, sourceQuads, depthQuads, depthChannels, side, quads } = product;
  const { taps, source, classes, filters, isAdded } = product;
  const tiling = tilingOf(product);
  const { threadRows, threadColumns, quadsPerThread, chunk } = tiling;
  const threads = threadRows * threadColumns;
  const tileRows = threadRows * ROWS_PER_THREAD;
  const tileQuads = threadColumns * quadsPerThread;
  const gridSide = Math.ceil(side / classes);
  const rows = rowsOf(product);
  const isAlongDepth = filters === 'along-depth';

  // One vector between rows of a tile: without it their reads fall on the same banks.
  const pitch = chunk + 1;
  const rowVectors = tileRows * chunk;
  const rowLoads = Math.ceil(rowVectors / threads);
  const columnVectors = 4 * tileQuads * chunk;
  const columnLoads = Math.ceil(columnVectors / threads);
  /** Work for those threads only that have an element; all have in the sizes that matter. */
  const where = (load: number, total: number, statement: string): string =>
    (load + 1) * threads <= total
      ? statement
      : `if (thread + ${load * threads}u < ${total}u) { ${statement} }`;
  const eachOutput = (text: (row: number, quad: number) => string): string =>
    repeat(ROWS_PER_THREAD, (row) => repeat(quadsPerThread, (quad) => text(row, quad)));

  /** Where a row's pixel is: image, y and x on the grid of its class. */
  const decoded = (row: string, suffix: string | number): string => `
  let gridX${suffix} = ${row} % ${gridSide}u;
  let gridY${suffix} = ${row} / ${gridSide}u % ${gridSide}u;
  let image${suffix} = ${row} / ${gridSide ** 2}u;`;

  /** The pixel that the first tap of this class reads. A class's pixels are `classes` apart, as its taps. */
  const base = (axis: 'X' | 'Y', load: number): string =>
    classes === 1
      ? `i32(grid${axis}${load}) * ${source.scale} + ${source.offset}`
      : `i32(grid${axis}${load}) + i32((class${axis} + ${source.offset}u - firstTap${axis}) / ${classes}u)`;
  const moved = (axis: 'X' | 'Y', load: number): string =>
    `base${axis}${load} ${source.direction === 1 ? '+' : '-'} i32(tap${axis})`;

  const loadRow = (load: number): string =>
    `      let loaded${load} = select(vec4f(), source[at${load} + depth], isInside${load});`;

  // Filters: [taps][depth channels][columns] in memory, of a gradient [taps][columns][depth channels].
  const filtersOfTap = depthQuads * depthChannels * quads;
  const isColumnAlwaysThere = quads % tileQuads === 0 && depthChannels === 4;
  const placeColumn = (load: number): string => {
    const element = `(thread + ${load * threads}u)`;
    if (isAlongDepth) {
      return `
  let channel${load} = firstQuad * 4u + ${element} / ${chunk}u;
  let isColumn${load} = channel${load} < ${4 * quads}u;
  let columnAt${load} = min(channel${load}, ${4 * quads - 1}u) * ${depthQuads}u + ${element} % ${chunk}u;`;
    }
    return `
  let quad${load} = firstQuad + ${element} % ${tileQuads}u;
  let channel${load} = ${element} / ${tileQuads}u;
  let isColumn${load} = quad${load} < ${quads}u && channel${load} % 4u < ${depthChannels}u;
  let columnAt${load} = (channel${load} / 4u * ${depthChannels}u + min(channel${load} % 4u, ${depthChannels - 1}u)) * ${quads}u + min(quad${load}, ${quads - 1}u);`;
  };
  const loadColumn = (load: number): string => {
    const depth = isAlongDepth ? 'depth' : `depth * ${depthChannels * quads}u`;
    const filter = `filters[filterAt${load} + ${depth}]`;
    const value = isColumnAlwaysThere ? filter : `select(vec4f(), ${filter}, isColumn${load})`;
    return `      let filter${load} = ${value};`;
  };
  // The tile of a gradient has its channels quads apart: neighbouring threads read other banks.
  const storeColumn = (load: number): string => {
    const element = `(thread + ${load * threads}u)`;
    const channel = `(${element} / ${chunk}u)`;
    const at = isAlongDepth
      ? `(${channel} % 4u * ${tileQuads}u + ${channel} / 4u) * ${pitch}u + ${element} % ${chunk}u`
      : element;
    return `      ${where(load, columnVectors, `columnTile[${at}] = filter${load};`)}`;
  };

  const multiplyAlongColumns = (quadOfDepth: number): string =>
    repeat(4, (channel) => {
      const component = 'xyzw'[channel]!;
      return (
        repeat(
          quadsPerThread,
          (quad) =>
            `        let b${component}${quad} = columnTile[${(quadOfDepth * 4 + channel) * tileQuads + quad * threadColumns}u + column];`,
        ) +
        '\n' +
        eachOutput(
          (row, quad) =>
            `        sum${row}${quad} = fma(vec4f(a${row}.${component}), b${component}${quad}, sum${row}${quad});`,
        )
      );
    });
  const multiplyAlongDepth = (quadOfDepth: number): string =>
    repeat(4, (channel) => {
      const component = 'xyzw'[channel]!;
      return (
        repeat(
          quadsPerThread,
          (quad) =>
            `        let b${component}${quad} = columnTile[(${channel * tileQuads + quad * threadColumns}u + column) * ${pitch}u + ${quadOfDepth}u];`,
        ) +
        '\n' +
        eachOutput((row, quad) => {
          const sum = `sum${row}${quad}.${component}`;
          const b = `b${component}${quad}`;
          return `        ${sum} = fma(a${row}.w, ${b}.w, fma(a${row}.z, ${b}.z, fma(a${row}.y, ${b}.y, fma(a${row}.x, ${b}.x, ${sum}))));`;
        })
      );
    });
  const multiply = (quadOfDepth: number): string => `      {
${repeat(ROWS_PER_THREAD, (row) => `        let a${row} = rowTile[(threadRow + ${row * threadRows}u) * ${pitch}u + ${quadOfDepth}u];`)}
${isAlongDepth ? multiplyAlongDepth(quadOfDepth) : multiplyAlongColumns(quadOfDepth)}
      }`;

  const store = (row: number): string => `
  {
    let row = group.y * ${tileRows}u + threadRow + ${row * threadRows}u;${decoded('row', '')}
    let y = gridY * ${classes}u + classY;
    let x = gridX * ${classes}u + classX;
    if (row < ${rows}u && y < ${side}u && x < ${side}u) {
      let at = ((image * ${side}u + y) * ${side}u + x) * ${quads}u + firstQuad + column;
${repeat(quadsPerThread, (quad) => `      if (firstQuad + column + ${quad * threadColumns}u < ${quads}u) { result[at + ${quad * threadColumns}u] ${isAdded ? '+=' : '='} sum${row}${quad}; }`)}
    }
  }`;

  return kernel(
    `${product.label} ${sourceSide}x${sourceSide}x${sourceQuads * 4} to ${side}x${side}x${quads * 4}`,
    [],
    [
      { name: 'source', access: 'read' },
      { name: 'filters', access: 'read' },
      { name: 'result', access: isAdded ? 'update' : 'write' },
    ],
    `
var<workgroup> rowTile: array<vec4f, ${tileRows * pitch}>;
var<workgroup> columnTile: array<vec4f, ${4 * tileQuads * (isAlongDepth ? pitch : chunk)}>;

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let column = thread % ${threadColumns}u;
  let threadRow = thread / ${threadColumns}u;
  let firstQuad = group.x * ${tileQuads}u;
  let classY = group.z / ${classes}u;
  let classX = group.z % ${classes}u;
  let firstTapY = ${classes === 1 ? '0u' : `(classY + ${source.offset}u) % ${classes}u`};
  let firstTapX = ${classes === 1 ? '0u' : `(classX + ${source.offset}u) % ${classes}u`};
${repeat(
  rowLoads,
  (load) => `
  let loadQuad${load} = (thread + ${load * threads}u) % ${chunk}u;
  let loadRow${load} = (thread + ${load * threads}u) / ${chunk}u;
  let row${load} = group.y * ${tileRows}u + loadRow${load};${decoded(`row${load}`, load)}
  let baseY${load} = ${base('Y', load)};
  let baseX${load} = ${base('X', load)};`,
)}
${repeat(columnLoads, placeColumn)}
${eachOutput((row, quad) => `  var sum${row}${quad} = vec4f();`)}
  for (var tapY = 0u; firstTapY + tapY * ${classes}u < ${taps[0]}u; tapY++) {
  for (var tapX = 0u; firstTapX + tapX * ${classes}u < ${taps[1]}u; tapX++) {
    let tap = (firstTapY + tapY * ${classes}u) * ${taps[1]}u + firstTapX + tapX * ${classes}u;
${repeat(
  rowLoads,
  (load) => `
    let y${load} = ${moved('Y', load)};
    let x${load} = ${moved('X', load)};
    let isInside${load} = row${load} < ${rows}u && min(y${load}, x${load}) >= 0 && max(y${load}, x${load}) < ${sourceSide};
    let at${load} = select(0u, ((image${load} * ${sourceSide}u + u32(y${load})) * ${sourceSide}u + u32(x${load})) * ${sourceQuads}u, isInside${load}) + loadQuad${load};`,
)}
${repeat(columnLoads, (load) => `    let filterAt${load} = tap * ${filtersOfTap}u + columnAt${load};`)}
    for (var depth = 0u; depth < ${depthQuads}u; depth += ${chunk}u) {
${repeat(rowLoads, loadRow)}
${repeat(columnLoads, loadColumn)}
      workgroupBarrier();
${repeat(rowLoads, (load) => `      ${where(load, rowVectors, `rowTile[loadRow${load} * ${pitch}u + loadQuad${load}] = loaded${load};`)}`)}
${repeat(columnLoads, storeColumn)}
      workgroupBarrier();
${repeat(chunk, multiply)}
    }
  }
  }
${repeat(ROWS_PER_THREAD, store)}
}
`,
  );
}
