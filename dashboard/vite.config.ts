import { defineConfig, type Plugin } from 'vite';
import { sizeLimit } from './size-limit.ts';

/** Nothing but the page's own files runs, and it talks to whatever node or gateway is entered. Left out while developing: Vite's reload needs more. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src ws: wss: http: https:; base-uri 'none'; form-action 'none'";

const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' }],
};

export default defineConfig({
  // Relative, so that any folder of any server can hold it.
  base: './',
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  plugins: [contentSecurityPolicy, sizeLimit(250_000)],
});
