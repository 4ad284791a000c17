/** The little of Node's HTTP server that a test needs; the pages themselves must not see Node's types. */
declare module "node:http" {
  export interface Request {
    readonly method?: string;
    readonly url?: string;
    readonly headers: { readonly authorization?: string };
    on(event: "data", hear: (piece: Uint8Array) => void): void;
    on(event: "end", hear: () => void): void;
  }

  export interface Reply {
    writeHead(status: number, headers: Record<string, string>): Reply;
    end(body: string): void;
  }

  export interface Server {
    listen(port: number, host: string, done: () => void): void;
    address(): { readonly port: number };
    close(done: (value?: unknown) => void): void;
  }

  export function createServer(serve: (request: Request, reply: Reply) => void): Server;
}

declare module "node:fs" {
  export function readFileSync(path: URL, encoding: "utf8"): string;
}
