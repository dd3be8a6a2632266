/** Makes the pictures in docs/images, from the network that the other tests ran against. Only where it is asked for. */
import { mkdirSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import type { Root } from '../../src/node/types';
import { figure, PATIENCE_MS, start, type Dashboard } from './browser';
import { Rpc } from './rpc';
import { wallet } from './wallet';

const NODE = process.env.LAUREL_TEST_NODE ?? 'ws://127.0.0.1:9944';
const FOLDER = new URL('../../../docs/images/', import.meta.url).pathname;
/** The block at which the pictures are taken. */
const LATE = 280;
const LIGHT: BrowserContextOptions = { viewport: { width: 1280, height: 860 }, colorScheme: 'light' };
const DARK: BrowserContextOptions = { ...LIGHT, colorScheme: 'dark' };
/** So much of a page that its charts are in the picture. */
const tall = (options: BrowserContextOptions): BrowserContextOptions => ({ ...options, viewport: { width: 1280, height: 1190 } });
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, colorScheme: 'light' };

describe.runIf(process.env.LAUREL_SCREENSHOTS)('pictures', () => {
  let dashboard: Dashboard;
  let hotkey: string;

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    dashboard = await start();
    // The founding, which emits what had waited in the reserve, is out of the chart by then.
    await vi.waitUntil(async () => Number((await new Rpc(NODE).ask<{ number: string }>('chain_getHeader')).number) > LATE, { timeout: 20 * PATIENCE_MS, interval: 1_000 });
    hotkey = (await new Rpc(NODE).ask<Root>('laurel_root')).seats[0]!.hotkey;
  }, 21 * PATIENCE_MS);

  afterAll(() => dashboard?.close());

  async function picture(name: string, route: string, options: BrowserContextOptions, ready: (page: Page) => Promise<unknown>, prepare?: (page: Page) => Promise<void>) {
    const page = await dashboard.open(route, NODE, options, prepare);
    await ready(page);
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: `${FOLDER}dashboard-${name}.png` });
    await page.context().close();
  }

  const drawn = (page: Page) => page.locator('.plot canvas').first().waitFor();
  const listed = (page: Page) => page.locator('.events li').nth(3).waitFor();
  const overview = async (page: Page) => {
    await Promise.all([drawn(page), listed(page)]);
    await vi.waitUntil(async () => (await figure(page, 'block-time')).includes('.'), { timeout: PATIENCE_MS });
  };

  test('overview, light', () => picture('light', '/', tall(LIGHT), overview));
  test('overview, dark', () => picture('dark', '/', tall(DARK), overview));
  test('overview, phone', () => picture('phone', '/', PHONE, overview));
  test('metagraph', () => picture('metagraph', '/subnets/1', LIGHT, (page) => page.locator('tbody tr').nth(5).waitFor()));
  test('neuron', () =>
    picture('neuron', '/subnets/1/neurons/7', tall(DARK), async (page) => {
      await page.locator('.plot canvas').nth(1).waitFor();
      await page.getByText(/^From block [\d,]+ on\.( The node keeps no state.*)?$/).waitFor();
    }));
  test('staking', async () => {
    const charlie = await wallet('//Charlie', 'Charlie');
    await picture(
      'staking',
      `/staking/${charlie.address}`,
      LIGHT,
      async (page) => {
        await page.getByRole('button', { name: 'Connect wallet' }).click();
        await page.getByRole('button', { name: 'test-wallet' }).click();
        await page.getByRole('button', { name: 'Done' }).click();
        await page.getByRole('button', { name: `Stake on ${hotkey.slice(0, 6)}` }).click();
        await page.getByLabel('Amount to stake').fill('100');
        await page.getByRole('button', { name: 'Review' }).click();
        await page.getByText('Stake 100 LRL').waitFor();
      },
      charlie.install,
    );
  });
});
