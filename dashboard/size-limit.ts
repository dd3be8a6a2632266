import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Fails the build if all files together, each compressed with gzip as servers do, have more bytes than this. */
export function sizeLimit(bytes: number): Plugin {
  return {
    name: 'size-limit',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      let total = 0;
      for (const file of Object.values(bundle)) total += gzipSync(file.type === 'chunk' ? file.code : file.source).length;
      if (total > bytes) this.error(`the dashboard has ${total} bytes compressed, more than ${bytes}`);
      this.info(`${total} bytes compressed of at most ${bytes}`);
    },
  };
}
