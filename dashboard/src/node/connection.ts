/** JSON-RPC over one WebSocket that comes back by itself. Only reads go through it, so what was asked is asked again. */

export type Status = 'connecting' | 'open' | 'lost';

/** The node answered with an error. */
export class RpcError extends Error {
  constructor(
    message: string,
    readonly code: number,
    /** Name of a `laurel_*` refusal, as in node/src/rpc/error.rs. */
    readonly refusal?: string,
  ) {
    super(message);
  }
}

/** Nobody answered in time. */
export class NoAnswer extends Error {}

interface Pending {
  body: string;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  deadline: ReturnType<typeof setTimeout>;
}

interface Subscription {
  open: () => void;
  tell: (result: unknown) => void;
}

interface Message {
  id?: number;
  result?: unknown;
  error?: { code: number; message: string; data?: { name?: string } };
  params?: { subscription: string; result: unknown };
}

const DEADLINE_MS = 30_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

export class Connection {
  private socket?: WebSocket;
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private readonly subscriptions = new Set<Subscription>();
  private readonly byId = new Map<string, Subscription>();
  private retryMs = FIRST_RETRY_MS;
  private retry?: ReturnType<typeof setTimeout>;
  private closed = false;

  constructor(
    readonly url: string,
    private readonly onStatus: (status: Status) => void,
  ) {
    this.connect();
  }

  /** Asks; the answer is awaited across lost connections, until the deadline. */
  request<T>(method: string, params: unknown[] = []): Promise<T> {
    const id = this.nextId++;
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.pending.delete(id);
        reject(new NoAnswer(`The node did not answer ${method} within ${DEADLINE_MS / 1_000} s.`));
      }, DEADLINE_MS);
      this.pending.set(id, { body, resolve: resolve as (result: unknown) => void, reject, deadline });
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(body);
    });
  }

  /** Subscribes, again after each reconnection. */
  subscribe<T>(method: string, tell: (result: T) => void): void {
    const subscription: Subscription = {
      tell: tell as (result: unknown) => void,
      open: () => {
        this.request<string>(method).then(
          (id) => this.byId.set(id, subscription),
          () => {}, // Asked again with the next connection.
        );
      },
    };
    this.subscriptions.add(subscription);
    if (this.socket?.readyState === WebSocket.OPEN) subscription.open();
  }

  /** Tries again at once instead of when the wait is over. */
  retryNow(): void {
    if (this.closed || this.socket?.readyState === WebSocket.OPEN) return;
    clearTimeout(this.retry);
    this.retryMs = FIRST_RETRY_MS;
    this.connect();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.socket?.close();
    for (const { deadline, reject } of this.pending.values()) {
      clearTimeout(deadline);
      reject(new NoAnswer('The connection was closed.'));
    }
    this.pending.clear();
  }

  private connect(): void {
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.url);
    } catch {
      // No address of a WebSocket, or one that this page may not use; `advice` in state/chain.ts says what to do.
      this.onStatus('lost');
      return;
    }
    this.socket?.close();
    this.socket = socket;
    socket.onopen = () => {
      this.retryMs = FIRST_RETRY_MS;
      this.byId.clear();
      for (const { body } of this.pending.values()) socket.send(body);
      for (const subscription of this.subscriptions) subscription.open();
      this.onStatus('open');
    };
    socket.onmessage = ({ data }) => this.receive(String(data));
    socket.onclose = () => {
      if (this.closed || socket !== this.socket) return;
      this.onStatus('lost');
      this.retry = setTimeout(() => this.connect(), this.retryMs * (0.75 + Math.random() / 2));
      this.retryMs = Math.min(this.retryMs * 2, LONGEST_RETRY_MS);
    };
  }

  private receive(text: string): void {
    let message: Message;
    try {
      message = JSON.parse(text) as Message;
    } catch {
      return; // Not a JSON-RPC server; the deadline of what was asked will say so.
    }
    if (message.params) {
      this.byId.get(message.params.subscription)?.tell(message.params.result);
      return;
    }
    const asked = message.id === undefined ? undefined : this.pending.get(message.id);
    if (!asked) return;
    this.pending.delete(message.id!);
    clearTimeout(asked.deadline);
    const { error } = message;
    if (error) asked.reject(new RpcError(error.message, error.code, error.data?.name));
    else asked.resolve(message.result);
  }
}
