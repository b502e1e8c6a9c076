/**
 * The package is optional: where npm could not run its download it is not installed, and the sources must
 * compile all the same. It adds a backend to the `@tensorflow/tfjs` beside it; nothing it exports is used.
 */
declare module '@tensorflow/tfjs-node';
