/** Written beside the page when it is deployed (config.json). */
export interface Config {
  readonly ccpUrl: string;
  readonly apiUrl: string;
  readonly region: string;
  readonly instanceUrl: string;
  readonly title: string;
  /** The origin of the agent workspace that may frame the page. */
  readonly workspaceOrigin: string;
}

/** The agent workspace is on the instance's own host, beside the panel. */
function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return '';
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads config.json from the page's own folder; rejects when it is missing or names no ccpUrl. */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch(new URL('config.json', document.baseURI), { cache: 'no-store' });
  if (!answer.ok) throw new Error(`config.json: ${answer.status} ${answer.statusText}`);
  const raw = (await answer.json()) as Record<string, unknown>;
  if (!text(raw.ccpUrl)) throw new Error('config.json names no ccpUrl.');
  return {
    ccpUrl: text(raw.ccpUrl),
    apiUrl: text(raw.apiUrl).replace(/\/+$/, ''),
    region: text(raw.region),
    instanceUrl: text(raw.instanceUrl),
    title: text(raw.title) || 'Email',
    workspaceOrigin: originOf(text(raw.workspaceOrigin) || text(raw.ccpUrl)),
  };
}
