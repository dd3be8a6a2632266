/** Asks a node directly, by HTTP: what the dashboard shows is held against this. */
export class Rpc {
  private readonly url: string;

  constructor(ws: string) {
    this.url = ws.replace(/^ws/, 'http');
  }

  async ask<T>(method: string, ...params: unknown[]): Promise<T> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { error, result } = (await response.json()) as { error?: { message: string }; result?: T };
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }
}
