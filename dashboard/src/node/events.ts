/** What happened in each block, as it happens. Loaded lazily: it brings the chain library with it. */
import type { Live } from '../state/events';
import { subnetNames } from '../state/names';
import { library } from './library';
import { nodeUrl } from '../state/settings';
import type { Block } from '../state/chain';

interface SystemEvent {
  phase: { type: string; value?: number };
  event: { type: string; value: { type: string; value: unknown } };
}

/** Follows the best chain; answers what stops it. Blocks that a fork took back are told by `isOnChain`. */
export function follow(tell: (block: Block, events: Live[]) => void, takeBack: (isOnChain: (block: Block) => boolean) => void): () => void {
  const client = library();
  const api = client.getUnsafeApi();
  const asked = new Set<string>();
  const read = async (block: Block) => {
    const events = (await api.query.System!.Events!.getValue({ at: block.hash })) as SystemEvent[];
    tell(
      block,
      events.map(({ event, phase }, index) => ({
        key: `${block.hash}-${index}`,
        block,
        pallet: event.type,
        name: event.value.type,
        fields: event.value.value,
        extrinsic: phase.type === 'ApplyExtrinsic' ? phase.value : undefined,
      })),
    );
  };
  const blocks = client.bestBlocks$.subscribe({
    next: (chain) => {
      const oldest = chain.at(-1)!.number;
      const hashes = new Set(chain.map(({ hash }) => hash as string));
      takeBack(({ hash, number }) => number < oldest || hashes.has(hash));
      for (const block of [...chain].reverse()) {
        if (asked.has(block.hash)) continue;
        asked.add(block.hash);
        // A block that cannot be read was pruned or taken back meanwhile.
        read({ hash: block.hash as Block['hash'], number: block.number }).catch(() => asked.delete(block.hash));
      }
    },
    error: () => {},
  });
  return () => blocks.unsubscribe();
}

interface Identified {
  identity: { name: unknown };
}

/** Bytes of UTF-8, however the library hands them out. */
function text(bytes: unknown): string {
  if (typeof bytes === 'string') return bytes.startsWith('0x') ? decode(bytes) : bytes;
  if (bytes instanceof Uint8Array) return new TextDecoder().decode(bytes);
  return '';
}

const decode = (hex: string): string =>
  new TextDecoder().decode(Uint8Array.from(hex.slice(2).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));

/** Reads the names that owners gave their subnets. */
export async function readNames(): Promise<void> {
  const url = nodeUrl.peek();
  const entries = await library().getUnsafeApi().query.Subnets!.SubnetIdentities!.getEntries({ at: 'best' });
  if (url !== nodeUrl.peek()) return;
  subnetNames.value = new Map(
    entries.map(({ keyArgs: [netuid], value }: { keyArgs: unknown[]; value: unknown }) => [Number(netuid), text((value as Identified).identity.name)]),
  );
}
