/** What a validator's gateway publishes of its receipts: why a miner's answers were worth what they were. */

/** One answer and what the validator made of it; proportions in millionths. */
export interface Receipt {
  epoch?: number;
  block?: number;
  hotkey?: string;
  verdict: string;
  reason: string;
  score?: number;
  correctness?: number;
  speed?: number;
}

export interface Published {
  /** The subnet that the gateway's validator judges. */
  netuid?: number;
  /** The latest first. */
  receipts: Receipt[];
}

/** As many as a gateway gives at once. */
const LIMIT = 200;
const DEADLINE_MS = 15_000;

/** Why a text is no address of a gateway; nothing if it is one. */
export function gatewayFault(text: string): string | undefined {
  try {
    return /^https?:$/.test(new URL(text).protocol) ? undefined : 'The address begins with http:// or https://.';
  } catch {
    return 'Write the address like http://127.0.0.1:8800.';
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const number = (value: unknown): number | undefined => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined);

/** What a gateway answered. It is somebody else's word: fields that are not there, or not as they should be, are left out. */
export function read(answer: unknown): Published {
  const { netuid, receipts } = (typeof answer === 'object' && answer !== null ? answer : {}) as { netuid?: unknown; receipts?: unknown };
  const list = Array.isArray(receipts) ? receipts : [];
  return {
    netuid: number(netuid),
    receipts: list
      .filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null)
      .map((entry) => ({
        epoch: number(entry.epoch),
        block: number(entry.block),
        hotkey: text(entry.hotkey),
        verdict: text(entry.verdict) ?? 'unknown',
        reason: text(entry.reason) ?? '',
        score: number(entry.score),
        correctness: number(entry.correctness),
        speed: number(entry.speed),
      })),
  };
}

/** Asks a gateway about a neuron of a subnet. */
export async function receipts(gateway: string, netuid: number, uid: number): Promise<Receipt[]> {
  const url = new URL(`${gateway.replace(/\/+$/, '')}/laurel/v1/receipts`);
  url.searchParams.set('uid', String(uid));
  url.searchParams.set('limit', String(LIMIT));
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS), credentials: 'omit', referrerPolicy: 'no-referrer' });
  } catch {
    throw new Error(`${gateway} did not answer: is a gateway running there?`);
  }
  if (response.status === 404) throw new Error('This gateway publishes no receipts: its validator was started without --publish-receipts.');
  if (!response.ok) throw new Error(`The gateway answered ${response.status}.`);
  const published = read(await response.json().catch(() => undefined));
  if (published.netuid !== undefined && published.netuid !== netuid) {
    throw new Error(`This gateway belongs to a validator of subnet ${published.netuid}: enter one of subnet ${netuid}.`);
  }
  return published.receipts;
}

let serving: Promise<{ gateway: string; netuid: number } | undefined> | undefined;

/** The gateway that this page came from, and its subnet, where it is one that publishes receipts. */
export function servingGateway(): Promise<{ gateway: string; netuid: number } | undefined> {
  const ask = async () => {
    const response = await fetch('/laurel/v1/receipts?uid=0&limit=1', { signal: AbortSignal.timeout(DEADLINE_MS) });
    const { netuid } = read(response.ok ? await response.json() : undefined);
    return netuid === undefined ? undefined : { gateway: location.origin, netuid };
  };
  serving ??= ask().catch(() => undefined);
  return serving;
}
