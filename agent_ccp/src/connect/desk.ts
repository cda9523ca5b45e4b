// Where the page is, and the desk that belongs there: a panel of its own, or the agent workspace.
import type { Config } from '../config';
import { openDesk as openPanel } from './streams';
import type { Desk } from './types';

/** What a window tells of who shows it. */
export interface Place {
  readonly framed: boolean;
  /** The origin of the framing page, empty where the browser keeps it. */
  readonly framer: string;
  /** Whether the address asks for the workspace (`?workspace`). */
  readonly asked: boolean;
}

export function placeOf(own: Window): Place {
  const ancestors = own.location.ancestorOrigins as DOMStringList | undefined; // not in every browser
  const referrer = own.document.referrer;
  return {
    framed: own.parent !== own,
    framer: ancestors?.[0] ?? (referrer ? new URL(referrer).origin : ''),
    asked: new URLSearchParams(own.location.search).has('workspace'),
  };
}

/**
 * Whether the agent workspace shows this page. A browser that does not say who frames it leaves
 * only the workspace: the page's frame-ancestors let nobody else.
 */
export function inWorkspace(config: Pick<Config, 'workspaceOrigin'>, place: Place): boolean {
  return place.framed && (place.asked || place.framer === '' || place.framer === config.workspaceOrigin);
}

/**
 * Connects to Amazon Connect: through the panel it draws in `container`, or through the agent
 * workspace when there is no container. Call once per window.
 */
export async function openDesk(config: Config, container: HTMLElement | null): Promise<Desk> {
  if (container) return openPanel(config, container);
  const { openWorkspace } = await import('./workspace');
  return openWorkspace();
}
