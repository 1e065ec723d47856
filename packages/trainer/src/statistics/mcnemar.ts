/**
 * McNemar's test of two classifiers on the same images, exact and two-sided: were both equally
 * good, each disagreement would be a fair coin's throw.
 *
 * Always the exact binomial test: the chi-square with continuity correction that is usual for many
 * disagreements only approximates it, and this is cheap.
 *
 * @param onlyFirst - images that only the first classifies correctly
 * @param onlySecond - images that only the second classifies correctly
 * @returns the p-value; 1 where they never disagree
 */
export function mcnemarPValue(onlyFirst: number, onlySecond: number): number {
  const throws = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // P(X <= fewer) of the binomial (throws, 1/2), term by term in logarithms: 2^-throws underflows.
  let logTerm = -throws * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= fewer; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((throws - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
