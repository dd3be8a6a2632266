/** What a validator's gateway publishes of its receipts: why a miner's answers were worth what they were. */

export interface Receipt {
  epoch?: number;
  block?: number;
  hotkey?: string;
  verdict: string;
  reason: string;
  score?: string;
}

const DEADLINE_MS = 15_000;

/** Why a text is no address of a gateway; nothing if it is one. */
export function gatewayFault(text: string): string | undefined {
  try {
    return /^https?:$/.test(new URL(text).protocol) ? undefined : 'The address begins with http:// or https://.';
  } catch {
    return 'Write the address like http://127.0.0.1:8800.';
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined);
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** The receipts in an answer. What comes is somebody else's: fields that are not there, or not as they should be, are left out. */
export function read(answer: unknown): Receipt[] {
  const list = Array.isArray(answer) ? answer : ((answer as { receipts?: unknown } | null)?.receipts ?? []);
  if (!Array.isArray(list)) return [];
  return list
    .filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null)
    .map((entry) => ({
      epoch: number(entry.epoch),
      block: number(entry.block),
      hotkey: text(entry.hotkey),
      verdict: text(entry.verdict) ?? 'unknown',
      reason: text(entry.reason) ?? '',
      score: text(entry.score),
    }));
}

/** Asks a gateway about a neuron. */
export async function receipts(gateway: string, uid: number): Promise<Receipt[]> {
  const url = new URL(`${gateway.replace(/\/+$/, '')}/laurel/v1/receipts`);
  url.searchParams.set('uid', String(uid));
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS), credentials: 'omit', referrerPolicy: 'no-referrer' });
  } catch {
    throw new Error(`${gateway} did not answer: is a gateway running there?`);
  }
  if (response.status === 404) throw new Error('This gateway publishes no receipts: its validator was started without --publish-receipts.');
  if (!response.ok) throw new Error(`The gateway answered ${response.status}.`);
  return read(await response.json().catch(() => undefined));
}
