/** polkadot-api, connected to the node that is chosen: decodes events and makes transactions by the chain's own metadata. Loaded when first needed. */
import { createClient, type PolkadotClient } from 'polkadot-api';
import { getWsProvider } from 'polkadot-api/ws';
import { nodeUrl } from '../state/settings';

let current: { url: string; client: PolkadotClient } | undefined;

/** The client of the node that is chosen now; that of an earlier one is closed. */
export function library(): PolkadotClient {
  const url = nodeUrl.peek();
  if (current?.url !== url) {
    current?.client.destroy();
    current = { url, client: createClient(getWsProvider(url)) };
  }
  return current.client;
}
