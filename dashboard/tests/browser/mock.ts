/** A node of JSON-RPC only, with as large a network as asked for, whose blocks come when a test says so. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Metagraph, Neuron, Pool, Portfolio, Prepaid, Root, Subnet, Supply } from '../../src/node/types';

const LETTERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Something of the shape of an address: the same for the same number, and another for each. */
export function address(of: number): string {
  let state = of;
  let text = '5';
  while (text.length < 48) {
    state = Math.imul((state ^ (state >>> 15)) + 0x6d2b79f5, 0x85ebca6b | 1);
    text += LETTERS[(state >>> 16) % LETTERS.length];
  }
  return text;
}

export const hash = (number: number): `0x${string}` => `0x${number.toString(16).padStart(64, '0')}`;

/** What `hash` was made from. */
const block = (of: string): number => Number.parseInt(of.slice(-12), 16);

export interface Size {
  subnets: number;
  neurons: number;
  seats: number;
}

function subnet(netuid: number, size: Size, at: number): Subnet {
  return {
    netuid,
    owner: address(netuid),
    hyperparameters: { tempo: 10, max_uids: 256, kappa: 32_767, min_burn: '1000000', liquid_alpha: null },
    models: [{ root: hash(7_000 + netuid), kind: netuid % 2 ? 'text' : 'embedding', context: 256, tokenizer: hash(8_000), sampler: 1 }],
    neurons: size.neurons,
    epoch: Math.floor(at / 10),
    epoch_started_at: at - (at % 10),
    next_epoch_at: at - (at % 10) + 10,
    pot: String(netuid * 1_234_567_891),
    emission_per_block: String(Math.floor(1_000_000_000 / size.subnets) + netuid * 1_001),
    registration_price: String(1_000_000 + netuid),
    last_epoch: { epoch: Math.floor(at / 10) - 1, block: at - (at % 10), pot: '10000000000', owner: '1800000000', miners: '4100000000', validators: '4100000000', carried: '0' },
  };
}

export function neuron(netuid: number, uid: number, at: number): Neuron {
  const validator = uid % 4 === 0;
  return {
    uid,
    hotkey: address(netuid * 1_000 + uid),
    coldkey: address(500_000 + uid),
    registration: netuid * 1_000 + uid,
    registered_at: 1,
    stake: String(uid * 1_000_000_000 + 7),
    axon: validator ? null : { address: `10.0.${netuid}.${uid}:9000`, protocol: 1, model: hash(7_000 + netuid), published_at: at, expires_at: at + 100 },
    last_update: validator ? at : 0,
    scores: {
      stake_weight: validator ? 1_000 : 0,
      trust: uid * 200,
      consensus: uid * 100,
      incentive: validator ? 0 : uid * 3,
      dividends: validator ? uid * 9 : 0,
      validator_trust: validator ? 65_535 : 0,
      emission: String(uid * 1_000_003),
      permit: validator,
      active: validator,
    },
  };
}

function root(size: Size): Root {
  const part = 18_446_744_073_709_551_615n / BigInt(size.subnets);
  return {
    seats: Array.from({ length: size.seats }, (_, seat) => ({
      hotkey: address(900_000 + seat),
      stake: String((seat + 1) * 1_000_000_000_000),
      weights: Array.from({ length: size.subnets }, (_, i) => ({ netuid: i + 1, weight: ((seat * 31 + i * 17) % 1_000) + 1 })),
      last_update: 10,
    })),
    split: Array.from({ length: size.subnets }, (_, i) => ({ netuid: i + 1, part: String(part), share: 1 / size.subnets })),
    next_split_at: 5_000,
  };
}

const pool = (hotkey: string): Pool => ({
  hotkey,
  coldkey: address(3),
  take: 11_796,
  stake: '4000000000000',
  unreleased: '5000000000',
  released_per_block: '100000000',
  stream_ends_at: 100_000,
  registrations: [{ netuid: 1, uid: 0 }],
});

const supply: Supply = {
  issuance: '6000043000001000',
  genesis: '6000000000001000',
  minted: '43000000000',
  burned: '19151999',
  staked: '6027879999180',
  pending: '9000001500',
  locked: '300000000000',
  block_emission: '1000000000',
};

type Answer = unknown;
class Refused extends Error {
  readonly refusal: string;
  constructor(refusal: string) {
    super(`${refusal}: as a node would say`);
    this.refusal = refusal;
  }
}

const deposits = (payer: string): Prepaid[] => [
  { gateway: address(900_000), payer, amount: '3000000000', drawable: '2500000001', available: '2000000001', announced: '999999999', free_at: 1_044, record_deposit: '10000000' },
];

/** What an address has; that the earnings of all positions are no sum of them shows that the page does not add. */
const portfolio = (coldkey: string, at: number): Portfolio => ({
  block: at,
  free: '12345678901234567',
  staked: '2000000000001',
  earned: '99999999997',
  positions: [
    { stake: { hotkey: address(900_000), coldkey, stake: '1500000000001', unreleased: '7', principal: '1400000000000', earned: '100000000001' }, pool: pool(address(900_000)) },
    { stake: { hotkey: address(900_001), coldkey, stake: '500000000000', unreleased: '0', principal: '500000000003', earned: '-3' }, pool: pool(address(900_001)) },
  ],
});

export class MockNode {
  private server?: WebSocketServer;
  private port = 0;
  private best = 1_000;
  /** States of blocks before this one are gone. */
  keptFrom = 0;
  /** A method that gives no answer. */
  refused?: string;
  private subscriptions = new Map<WebSocket, string[]>();

  private readonly size: Size;

  constructor(size: Size) {
    this.size = size;
  }

  /** Listens, on the same port as before if there was one. */
  async start(): Promise<string> {
    this.server = new WebSocketServer({ host: '127.0.0.1', port: this.port });
    this.server.on('connection', (socket) => {
      this.subscriptions.set(socket, []);
      socket.on('close', () => this.subscriptions.delete(socket));
      socket.on('message', (data) => this.receive(socket, String(data)));
    });
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Hangs up on everybody and listens no more. */
  async stop(): Promise<void> {
    for (const socket of this.server?.clients ?? []) socket.terminate();
    await new Promise((closed) => this.server?.close(closed));
  }

  /** A new block. */
  advance(): number {
    this.best += 1;
    for (const [socket, kinds] of this.subscriptions) for (const kind of kinds) this.tell(socket, kind);
    return this.best;
  }

  private tell(socket: WebSocket, kind: string): void {
    const number = kind === 'chain_subscribeNewHeads' ? this.best : this.best - 2;
    socket.send(JSON.stringify({ jsonrpc: '2.0', method: kind, params: { subscription: kind, result: { number: `0x${number.toString(16)}` } } }));
  }

  private receive(socket: WebSocket, text: string): void {
    const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: unknown[] };
    try {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: this.answer(method, params) }));
      if (method.startsWith('chain_subscribe')) {
        this.subscriptions.get(socket)?.push(method);
        this.tell(socket, method);
      }
    } catch (error) {
      const refusal = error instanceof Refused ? error.refusal : undefined;
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, error: { code: refusal ? 7_001 : -32_601, message: (error as Error).message, data: refusal && { name: refusal } } }));
    }
  }

  /** The block that a read is at: its last parameter. */
  private at(params: unknown[]): number {
    const at = block(String(params.at(-1)));
    if (at < this.keptFrom) throw new Refused('BlockNotFound');
    return at;
  }

  private answer(method: string, params: unknown[]): Answer {
    const { neurons, seats, subnets } = this.size;
    if (method === this.refused) throw new Refused('RuntimeCallFailed');
    switch (method) {
      case 'chain_subscribeNewHeads':
      case 'chain_subscribeFinalizedHeads':
        return method;
      case 'chain_getBlockHash':
        return Array.isArray(params[0]) ? params[0].map(hash) : hash(Number(params[0]));
      case 'system_chain':
        return 'Mock';
      case 'state_call':
        return '0xe02e000000000000';
      case 'state_getStorage': {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(1_700_000_000_000n + BigInt(this.at(params)) * 12_000n);
        return `0x${bytes.toString('hex')}`;
      }
      case 'laurel_subnets': {
        const at = this.at(params);
        return Array.from({ length: subnets }, (_, i) => subnet(i + 1, this.size, at));
      }
      case 'laurel_metagraph': {
        const at = this.at(params);
        const netuid = Number(params[0]);
        if (netuid < 1 || netuid > subnets) throw new Refused('SubnetNotFound');
        return { block: at, subnet: subnet(netuid, this.size, at), neurons: Array.from({ length: neurons }, (_, uid) => neuron(netuid, uid, at)) } satisfies Metagraph;
      }
      case 'laurel_neuron': {
        const at = this.at(params);
        const uid = Array.from({ length: neurons }, (_, i) => i).find((i) => address(Number(params[0]) * 1_000 + i) === params[1]);
        if (uid === undefined) throw new Refused('NeuronNotFound');
        return neuron(Number(params[0]), uid, at);
      }
      case 'laurel_root':
        return root({ neurons, seats, subnets });
      case 'laurel_nextSplit':
        return root({ neurons, seats, subnets }).split;
      case 'laurel_portfolio':
        return portfolio(String(params[0]), this.at(params));
      case 'laurel_prepaidBy':
        return deposits(String(params[0]));
      case 'laurel_hotkey':
        return pool(String(params[0]));
      case 'laurel_supply':
        return supply;
      case 'laurel_emissionSchedule':
        return { circulating: '6000042980849001', per_block: '1000000000', blocks_to_halving: 4_499_958, steps: [] };
      default:
        throw new Error(`Method not found: ${method}`);
    }
  }
}
