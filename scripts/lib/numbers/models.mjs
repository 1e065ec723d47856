import { readFileSync } from 'node:fs';
import { ROOT } from '../run.mjs';

/** The shipped models, and where `evaluate --end-to-end --json` left what it measured of each. */
export const MODELS = { 'fdrl-ecanet': 'end-to-end', 'fdrl-ecanet-lite': 'end-to-end-lite' };

/** @param {string} model @returns {any} its manifest */
export function manifestOf(model) {
  return JSON.parse(readFileSync(`${ROOT}models/${model}/manifest.json`, 'utf8'));
}

/** Size of the weights in one precision. @param {any} variant of a manifest */
export function megabytes(variant) {
  const bytes = variant.shards.reduce((sum, shard) => sum + shard.bytes, 0);
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
