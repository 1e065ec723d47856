/** How a kernel uses what is bound: reads it, writes all of it, changes it, or its constants. */
export type Access = 'read' | 'write' | 'update' | 'uniform';

/** One variable of a kernel that is bound from outside. */
export interface Binding {
  readonly name: string;
  readonly access: Access;
  /** In WGSL; an array of vectors of four channels if not given. */
  readonly type?: string;
}

/**
 * A compute shader; its entry point is `main`, its bindings are 0, 1, … of group 0. Where it has sizes,
 * binding 0 is a uniform that holds them.
 */
export interface Kernel<Size extends string = string> {
  readonly label: string;
  /** Names of the numbers that differ between its dispatches. */
  readonly sizes: readonly Size[];
  readonly access: readonly Access[];
  readonly code: string;
}

/** Type of a binding whose values are not vectors of four channels. */
export const VALUES = 'array<f32>';

/** Threads of a workgroup that goes through a map element by element. */
export const LINEAR_THREADS = 256;

/** Lanes that one thread adds up without much waiting of the others. */
const MOST_LANES_AT_ONCE = 16;

/** WebGPU's limit for each dimension of a dispatch. */
const MOST_WORKGROUPS = 65_535;

const ADDRESS_SPACE: Readonly<Record<Access, string>> = {
  read: 'storage, read',
  write: 'storage, read_write',
  update: 'storage, read_write',
  uniform: 'uniform',
};

/**
 * @param sizes - numbers that the body reads as `sizes.<name>`; none where they stand in its text
 * @param body - everything but the declarations of the bindings, in WGSL
 */
export function kernel<Size extends string = never>(
  label: string,
  sizes: readonly Size[],
  bindings: readonly Binding[],
  body: string,
): Kernel<Size> {
  const struct = `struct Sizes { ${sizes.map((name) => `${name}: u32`).join(', ')} }\n`;
  const all: readonly Binding[] =
    sizes.length > 0
      ? [{ name: 'sizes', access: 'uniform', type: 'Sizes' }, ...bindings]
      : bindings;
  const declarations = all.map(
    ({ name, access, type = 'array<vec4f>' }, index) =>
      `@group(0) @binding(${index}) var<${ADDRESS_SPACE[access]}> ${name}: ${type};\n`,
  );
  return {
    label,
    sizes,
    access: all.map(({ access }) => access),
    code: (sizes.length > 0 ? struct : '') + declarations.join('') + body,
  };
}

/** A number as WGSL writes it. */
export function float(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** The text for 0, 1, … count-1, in lines. */
export function repeat(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join('\n');
}

/**
 * An entry point that runs once for each `index` below `count`.
 *
 * @param count - a WGSL expression
 */
export function linearMain(count: string, body: string): string {
  return `
@compute @workgroup_size(${LINEAR_THREADS})
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = (group.y * groups.x + group.x) * ${LINEAR_THREADS}u + thread;
  if (index >= ${count}) { return; }
${body}
}
`;
}

/** Workgroups of {@link linearMain} for so many elements. */
export function linearWorkgroups(count: number): [x: number, y: number] {
  const groups = Math.ceil(count / LINEAR_THREADS);
  const rows = Math.ceil(groups / MOST_WORKGROUPS);
  return [Math.ceil(groups / rows), rows];
}

/**
 * Lines that add up the workgroup arrays `names` over lanes that lie `pitch` elements apart: first groups of
 * lanes, then their sums. The sum is in lane 0. Begins and ends with a barrier.
 *
 * @param lanes - a square, or few
 * @param lane - WGSL expression of the thread's lane; its element is `thread`
 */
export function addLanes(
  names: readonly string[],
  lanes: number,
  pitch: number,
  lane: string,
): string {
  const add = (first: number, count: number): string => `
  if (${lane} < ${first}u) {
    for (var other = 1u; other < ${count}u; other++) {
${names.map((name) => `      ${name}[thread] += ${name}[thread + other * ${first * pitch}u];`).join('\n')}
    }
  }
  workgroupBarrier();`;
  const root = Math.sqrt(lanes);
  const isSquare = Number.isInteger(root) && lanes > MOST_LANES_AT_ONCE;
  return `  workgroupBarrier();${isSquare ? add(root, root) + add(1, root) : add(1, lanes)}`;
}
