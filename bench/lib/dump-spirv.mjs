/**
 * Child process of bench/isa: compiles shaders with Dawn, which writes their SPIR-V to standard output,
 * behind a line `shader <index>`.
 */
import { readFileSync } from 'node:fs';
import { openDawn } from '../../scripts/lib/dawn.mjs';

const flags = ['enable-dawn-features=dump_shaders'];
const adapter = await (await openDawn({ software: true, flags })).requestAdapter();
const device = await adapter.requestDevice({
  requiredLimits: { maxComputeWorkgroupStorageSize: adapter.limits.maxComputeWorkgroupStorageSize },
});
for (const [index, code] of JSON.parse(readFileSync(process.argv[2], 'utf8')).entries()) {
  process.stdout.write(`\nshader ${index}\n`);
  await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  });
}
process.exit(0); // Dawn's threads would keep it
