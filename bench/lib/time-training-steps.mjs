/** Child process of bench/train-gpu: times training steps of one engine on Dawn. */
import { openDawn } from '../../scripts/lib/dawn.mjs';
import { TRAINING_ENGINES } from './training-engines.mjs';

const [name, json] = process.argv.slice(2);
const { isDry = false, warmUp, steps, ...task } = JSON.parse(json);

async function measure() {
  const gpu = await openDawn({ software: isDry });
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return { noCard: 'Dawn finds no WebGPU adapter on this machine' };
  const { vendor, architecture, device, description } = adapter.info;
  const card = [vendor, architecture, device, description].filter(Boolean).join(' ');
  const isOnCpu = adapter.info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(card);
  if (isOnCpu && !isDry) {
    return { noCard: `the only WebGPU adapter, ${card}, runs on the CPU` };
  }
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const engine = await TRAINING_ENGINES[name](task);
  let number = 0;
  const run = async (count) => {
    for (let i = 0; i < count; i++) await engine.step(++number);
    return engine.finish();
  };
  await run(warmUp); // everything is compiled, everything is allocated
  let javaScriptMs = 0;
  const began = performance.now();
  for (let i = 0; i < steps; i++) {
    const before = performance.now();
    await engine.step(++number);
    javaScriptMs += performance.now() - before;
  }
  const submittedMs = javaScriptMs / steps;
  const loss = await engine.finish();
  const stepMs = (performance.now() - began) / steps;
  return { adapter: card, stepMs, submittedMs, loss };
}

try {
  process.send(await measure());
} catch (error) {
  process.send({ failed: String(error?.message ?? error) });
}
