export default {
  mode: 'production',
  entry: './main.js',
  output: {
    path: `${import.meta.dirname}/site`,
    trustedTypes: 'webpack', // where the page's policy asks for Trusted Types
  },
};
