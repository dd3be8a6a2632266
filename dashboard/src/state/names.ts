/** Names that owners gave their subnets and accounts on the chain; they come with the chain library, after the figures. */
import { signal } from '@preact/signals';

export const subnetNames = signal(new Map<number, string>());

/** `Subnet 3`, or its name with the number. */
export function subnetName(netuid: number): string {
  const name = subnetNames.value.get(netuid);
  return name ? `${netuid} ${name}` : `Subnet ${netuid}`;
}
