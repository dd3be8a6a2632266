/** The node's methods by name. Each read takes the block to read at as its last parameter. */
import type { Connection } from './connection';
import type {
  Address,
  Decimal,
  EmissionSchedule,
  Hex,
  Metagraph,
  Neuron,
  Pool,
  Portfolio,
  Prepaid,
  Refusal,
  Root,
  Split,
  Subnet,
  Supply,
  UnstakeQuote,
} from './types';

/** Storage key of `Timestamp.Now`: twox128 of both names. */
const TIMESTAMP_NOW = '0xf0c365c3cf59d671eb72da0e7a4113c49f1f0515f462cdcf84e0f1d6045dfcbb';

/** A little-endian integer in SCALE. */
export const littleEndian = (hex: Hex): bigint =>
  BigInt(`0x${(hex.slice(2).match(/../g) ?? []).reverse().join('') || '0'}`);

export class Laurel {
  constructor(readonly connection: Connection) {}

  private ask<T>(method: string, ...params: unknown[]): Promise<T> {
    return this.connection.request<T>(method, params);
  }

  subnets = (at: Hex) => this.ask<Subnet[]>('laurel_subnets', at);
  metagraph = (netuid: number, at: Hex) => this.ask<Metagraph>('laurel_metagraph', netuid, at);
  neuron = (netuid: number, hotkey: Address, at: Hex) => this.ask<Neuron>('laurel_neuron', netuid, hotkey, at);
  root = (at: Hex) => this.ask<Root>('laurel_root', at);
  nextSplit = (at: Hex) => this.ask<Split[]>('laurel_nextSplit', at);
  portfolio = (coldkey: Address, at: Hex) => this.ask<Portfolio>('laurel_portfolio', coldkey, at);
  prepaidBy = (payer: Address, at: Hex) => this.ask<Prepaid[]>('laurel_prepaidBy', payer, at);
  hotkey = (hotkey: Address, at: Hex) => this.ask<Pool>('laurel_hotkey', hotkey, at);
  supply = (at: Hex) => this.ask<Supply>('laurel_supply', at);
  emissionSchedule = (at: Hex) => this.ask<EmissionSchedule>('laurel_emissionSchedule', at);
  refusals = () => this.ask<Refusal[]>('laurel_refusals');
  /** What removing `amount`, or all for null, does in the next block. */
  quoteUnstake = (coldkey: Address, hotkey: Address, amount: Decimal | null) =>
    this.ask<UnstakeQuote>('laurel_quoteUnstake', coldkey, hotkey, amount);

  chain = () => this.ask<string>('system_chain');
  blockHash = (number: number) => this.ask<Hex | null>('chain_getBlockHash', number);
  blockHashes = (numbers: number[]) => this.ask<(Hex | null)[]>('chain_getBlockHash', numbers);

  /** Milliseconds between blocks as the chain intends. */
  async slotMs(): Promise<number> {
    return Number(littleEndian(await this.ask<Hex>('state_call', 'AuraApi_slot_duration', '0x')));
  }

  /** When a block was made, in milliseconds since 1970. */
  async timestamp(at: Hex): Promise<number> {
    return Number(littleEndian((await this.ask<Hex | null>('state_getStorage', TIMESTAMP_NOW, at)) ?? '0x'));
  }
}
