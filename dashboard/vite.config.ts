import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';
import { sizeLimit } from './size-limit.ts';

/** Nothing but the page's own files runs, and it talks to whatever node or gateway is entered. Left out while developing: Vite's reload needs more. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src ws: wss: http: https:; base-uri 'none'; form-action 'none'";

const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' }],
};

/** The font's terms ask to travel with it. */
const fontLicense: Plugin = {
  name: 'font-license',
  apply: 'build',
  generateBundle() {
    const source = readFileSync(new URL('node_modules/@fontsource-variable/inter/LICENSE', import.meta.url));
    this.emitFile({ type: 'asset', fileName: 'assets/inter-license.txt', source });
  },
};

export default defineConfig({
  // Relative, so that any folder of any server can hold it.
  base: './',
  // licenses.md has the terms of what is built in.
  build: { license: { fileName: 'licenses.md' }, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  plugins: [contentSecurityPolicy, fontLicense, sizeLimit(250_000)],
});
