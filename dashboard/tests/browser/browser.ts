/** Chromium, and the built dashboard served as any server of files would. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { preview } from 'vite';
import { expect } from 'vitest';

const require = createRequire(import.meta.url);
/** Evaluated, not put into the page: the page's own rules would not let it run. */
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const CHROMIUM = process.env.LAUREL_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** How long something is awaited on a slow machine. */
export const PATIENCE_MS = Number(process.env.LAUREL_TEST_PATIENCE_MS ?? 60_000);

export interface Dashboard {
  browser: Browser;
  /** Opens a route, read from a node; fails the test at the end if the page said that something went wrong. */
  open: (route: string, node: string, options?: BrowserContextOptions, prepare?: (page: Page) => Promise<void>) => Promise<Page>;
  /** Errors that pages wrote to the console or threw. */
  complaints: string[];
  close: () => Promise<void>;
}

export async function start(): Promise<Dashboard> {
  const root = new URL('../../', import.meta.url).pathname;
  if (!existsSync(`${root}dist/index.html`)) throw new Error('the dashboard is not built: npm run build');
  const server = await preview({ root, configFile: false, base: './', preview: { host: '127.0.0.1', port: 0 }, logLevel: 'error' });
  const address = server.httpServer.address();
  if (typeof address !== 'object' || !address) throw new Error('the dashboard is not served');
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const complaints: string[] = [];
  return {
    browser,
    complaints,
    open: async (route, node, options = {}, prepare) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('pageerror', (error) => complaints.push(`${route}: ${error.message}`));
      page.on('console', (message) => {
        // A connection that is lost is told there too; the pages themselves say it, and tests of it look there.
        if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION|Failed to load resource/.test(message.text())) complaints.push(`${route}: ${message.text()}`);
      });
      await prepare?.(page);
      await page.goto(`http://127.0.0.1:${address.port}/?node=${encodeURIComponent(node)}#${route}`);
      return page;
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** The text of the figure with this name. */
export const figure = (page: Page, name: string): Promise<string> => page.locator(`[data-figure="${name}"] .figure-value`).first().innerText();

/** Fails with what axe finds against the page as it is shown. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } };
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ failureSummary, html }) => `${html.slice(0, 200)} ${failureSummary}`).join('\n')}`);
  });
  expect(found).toEqual([]);
}
