// Stands in for fs, path, os and perf_hooks, which TensorFlow.js imports but only calls in Node.
export default {};
