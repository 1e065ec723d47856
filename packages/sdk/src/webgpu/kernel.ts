import type { Storage } from './storage.js';

/** How a kernel uses what is bound: storage it reads, storage it writes, constants of the step. */
type Access = 'read' | 'write' | 'uniform';

/** One variable of a kernel that is bound from outside. */
export interface Binding {
  readonly name: string;
  readonly access: Access;
  /** In WGSL. */
  readonly type: string;
}

/** A compute shader; its entry point is `main`, its bindings are 0, 1, … of group 0. */
export interface Kernel {
  readonly label: string;
  readonly access: readonly Access[];
  readonly code: string;
}

const ADDRESS_SPACE: Readonly<Record<Access, string>> = {
  read: 'storage, read',
  write: 'storage, read_write',
  uniform: 'uniform',
};

/** @param body - everything but the declarations of the bindings, in WGSL */
export function kernel(
  label: string,
  storage: Storage,
  bindings: readonly Binding[],
  body: string,
): Kernel {
  const declarations = bindings.map(
    ({ name, access, type }, index) =>
      `@group(0) @binding(${index}) var<${ADDRESS_SPACE[access]}> ${name}: ${type};\n`,
  );
  return {
    label,
    access: bindings.map(({ access }) => access),
    code: storage.directives + declarations.join('') + storage.functions + body,
  };
}

/** The text for 0, 1, … count-1, in lines. */
export function repeat(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join('\n');
}

/**
 * Channels in groups of four, the width of a vector; the last group is filled up with channels whose
 * weights are all 0, and which are 0 therefore.
 */
export function quads(channels: number): number {
  return Math.ceil(channels / 4);
}
