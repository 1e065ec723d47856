/** What the page's policy must allow by name: `trusted-types emotion-cam`. */
const POLICY = 'emotion-cam';

/** Of Trusted Types, which TypeScript's own types leave out: https://www.w3.org/TR/trusted-types/ */
interface ScriptPolicy {
  createScriptURL(address: string): { toString(): string };
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): ScriptPolicy;
}

/** Made once: a second one of the same name is refused. `null`: the page's policy allows none, or nobody needs one. */
let policy: ScriptPolicy | null | undefined;

function scriptPolicy(): ScriptPolicy | null {
  if (policy !== undefined) return policy;
  const { trustedTypes } = globalThis as { trustedTypes?: PolicyFactory };
  try {
    policy = trustedTypes?.createPolicy(POLICY, { createScriptURL: (address) => address }) ?? null;
  } catch {
    policy = null; // a page that asks for Trusted Types will refuse the worker, and that is dealt with
  }
  return policy;
}

/**
 * Starts a worker whose address pages with Trusted Types trust. `start` must say `new Worker(new URL(…))` in
 * these very words, which bundlers look for, so that the address cannot go through the policy on its way:
 * `Worker` is another class while `start` runs, and no other script does.
 */
export function startTrusted(start: () => Worker): Worker {
  const found = scriptPolicy();
  if (!found) return start();
  const trust: ScriptPolicy = found;
  const { Worker: Native } = globalThis;
  globalThis.Worker = class extends Native {
    constructor(address: string | URL, options?: WorkerOptions) {
      super(trust.createScriptURL(String(address)) as string, options);
    }
  };
  try {
    return start();
  } finally {
    globalThis.Worker = Native;
  }
}
