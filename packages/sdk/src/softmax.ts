/**
 * Probabilities from logits: exp(z_i / T) over the sum of all.
 *
 * @param temperature - T, above 0; higher is less sure
 */
export function softmax(logits: ArrayLike<number>, temperature: number): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const highest = Math.max(...scaled); // subtracted, or exp overflows
  const powers = scaled.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
