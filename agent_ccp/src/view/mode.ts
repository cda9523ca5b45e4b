// Light or dark: as the system is, until the agent chooses.
import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { useEffect, useState } from 'react';

export type Look = 'system' | 'light' | 'dark';
const KEY = 'email-ccp-look';
const DARK = '(prefers-color-scheme: dark)';

function remembered(): Look {
  const look = localStorage.getItem(KEY);
  return look === 'light' || look === 'dark' ? look : 'system';
}

function apply(look: Look): void {
  const dark = look === 'dark' || (look === 'system' && matchMedia(DARK).matches);
  applyMode(dark ? Mode.Dark : Mode.Light);
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
}

/** Before anything is drawn, so that a dark page does not flash white. */
export function startLook(): void {
  apply(remembered());
}

export function useLook(): [Look, (look: Look) => void] {
  const [look, setLook] = useState(remembered);
  useEffect(() => {
    apply(look);
    const system = matchMedia(DARK);
    const follow = (): void => apply(look);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, [look]);
  const choose = (next: Look): void => {
    if (next === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
    setLook(next);
  };
  return [look, choose];
}
