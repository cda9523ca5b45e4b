import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const streams = dirname(createRequire(import.meta.url).resolve('amazon-connect-streams/package.json'));

/** Streams is a classic script that sets a global: it is published as it came, beside the bundle. */
function vendorStreams() {
  return {
    name: 'vendor-streams',
    apply: 'build',
    generateBundle() {
      const copy = (from, fileName) =>
        this.emitFile({ type: 'asset', fileName, source: readFileSync(join(streams, from)) });
      copy('release/connect-streams-min.js', 'vendor/connect-streams.js');
      copy('LICENSE.txt', 'vendor/connect-streams.LICENSE.txt');
    },
  };
}

export default defineConfig({
  base: './', // the page may live in a folder of any host
  plugins: [react(), vendorStreams()],
  build: { target: 'es2022', chunkSizeWarningLimit: 3000, assetsInlineLimit: 0 },
  test: { include: ['src/**/*.test.ts'] },
});
