import { writeFileSync } from 'node:fs';

/**
 * Writes `{ passed, failed }` of a Web Test Runner run to the file named by EMOTION_CAM_RESULTS; does
 * nothing where it is not set. A file that could not run at all counts as one failure.
 *
 * @returns {import('@web/test-runner').Reporter}
 */
export function jsonReporter() {
  const path = process.env.EMOTION_CAM_RESULTS;
  return {
    onTestRunFinished({ sessions }) {
      if (!path) return;
      const counts = { passed: 0, failed: 0 };
      for (const session of sessions) {
        const before = counts.failed;
        if (session.testResults) count(session.testResults, counts);
        if (!session.passed && counts.failed === before) counts.failed += 1;
      }
      writeFileSync(path, JSON.stringify(counts));
    },
  };
}

/**
 * @param {import('@web/test-runner').TestSuiteResult} suite
 * @param {{ passed: number, failed: number }} counts
 */
function count(suite, counts) {
  for (const test of suite.tests) {
    if (test.skipped) continue;
    counts[test.passed ? 'passed' : 'failed'] += 1;
  }
  for (const child of suite.suites) count(child, counts);
}
