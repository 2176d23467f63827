export interface Site {
  readonly url: string;
  close(): void;
}

export function serveFolder(folder: string, options?: { preset?: () => object }): Promise<Site>;
