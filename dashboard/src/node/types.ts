/**
 * What the node's `laurel_*` methods answer: the views of node/src/rpc, field by field.
 *
 * Amounts are decimal strings of leaves, because a JavaScript number cannot hold them; `amounts.ts` reads them as `bigint`.
 */

/** Leaves (10⁻⁹ LRL) as a decimal string. */
export type Decimal = string;
/** SS58 address. */
export type Address = string;
/** `0x` and hexadecimal digits. */
export type Hex = string;
/** A proportion in 65535ths. */
export type Parts = number;

export interface Epoch {
  epoch: number;
  /** Block in which it ran. */
  block: number;
  pot: Decimal;
  owner: Decimal;
  miners: Decimal;
  validators: Decimal;
  /** Left in the pot. */
  carried: Decimal;
}

export interface Model {
  root: Hex;
  kind: 'text' | 'embedding' | 'custom';
  context: number;
  tokenizer: Hex;
  sampler: number;
}

export interface Subnet {
  netuid: number;
  owner: Address;
  hyperparameters: Record<string, unknown> & { tempo: number; max_uids: number };
  models: Model[];
  neurons: number;
  epoch: number;
  epoch_started_at: number;
  next_epoch_at: number;
  pot: Decimal;
  emission_per_block: Decimal;
  registration_price: Decimal;
  last_epoch: Epoch | null;
}

export interface Axon {
  address: string;
  protocol: number;
  model: Hex;
  published_at: number;
  expires_at: number;
}

export interface Scores {
  stake_weight: Parts;
  trust: Parts;
  consensus: Parts;
  incentive: Parts;
  dividends: Parts;
  validator_trust: Parts;
  /** What the last epoch paid for the neuron. */
  emission: Decimal;
  permit: boolean;
  active: boolean;
}

export interface Neuron {
  uid: number;
  hotkey: Address;
  coldkey: Address;
  registration: number;
  registered_at: number;
  stake: Decimal;
  axon: Axon | null;
  last_update: number;
  scores: Scores;
}

export interface Metagraph {
  block: number;
  subnet: Subnet;
  neurons: Neuron[];
}

export interface Seat {
  hotkey: Address;
  stake: Decimal;
  weights: { netuid: number; weight: Parts }[];
  last_update: number;
}

export interface Split {
  netuid: number;
  /** In 18446744073709551615ths. */
  part: Decimal;
  /** The same as a fraction of one, rounded. */
  share: number;
}

export interface Root {
  seats: Seat[];
  split: Split[];
  next_split_at: number;
}

export interface Stake {
  hotkey: Address;
  coldkey: Address;
  stake: Decimal;
  unreleased: Decimal;
  /** What was put in less what was taken out since it began; below zero where more came out. */
  principal: Decimal;
  /** What it has earned since it began: what it is worth less its principal. */
  earned: Decimal;
}

export interface Pool {
  hotkey: Address;
  coldkey: Address;
  /** The owner's part of dividends. */
  take: Parts;
  stake: Decimal;
  unreleased: Decimal;
  released_per_block: Decimal;
  stream_ends_at: number;
  registrations: { netuid: number; uid: number }[];
}

export interface Portfolio {
  block: number;
  free: Decimal;
  staked: Decimal;
  /** What all positions have earned. */
  earned: Decimal;
  positions: { stake: Stake; pool: Pool }[];
}

/** What a payer holds for a gateway. */
export interface Prepaid {
  /** The hotkey that may draw. */
  gateway: Address;
  payer: Address;
  amount: Decimal;
  /** What of it the gateway can draw now. */
  drawable: Decimal;
  /** What of it is not announced to be taken back. */
  available: Decimal;
  announced: Decimal;
  /** The first block in which what was announced can be taken, and the gateway no longer draws it. */
  free_at: number | null;
  /** What is held besides for the record. */
  record_deposit: Decimal;
}

export interface UnstakeQuote {
  returned: Decimal;
  remaining: Decimal;
  forfeited: Decimal;
}

export interface Supply {
  issuance: Decimal;
  genesis: Decimal;
  minted: Decimal;
  burned: Decimal;
  staked: Decimal;
  pending: Decimal;
  locked: Decimal;
  block_emission: Decimal;
}

export interface EmissionSchedule {
  circulating: Decimal;
  per_block: Decimal;
  blocks_to_halving: number | null;
  steps: { from: Decimal; per_block: Decimal }[];
}

export interface Token {
  symbol: string;
  decimals: number;
  ss58_prefix: number;
}

/** What a code of the transaction pool means. */
export interface Refusal {
  code: number;
  pallet: string;
  name: string;
  remedy: string;
}
