// Addresses as somebody types them.
import { sameAddress } from '../case';
import type { CasePerson } from './types';

const ADDRESS = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\.]+(?:\.[^\s@<>,;:"()[\]\\.]+)+$/u;

export function isAddress(text: string): boolean {
  return text.length <= 254 && ADDRESS.test(text);
}

/** The addresses in typed or pasted text ("Ann <ann@example.com>; ben@example.com"), and what is none. */
export function split(text: string): { readonly addresses: string[]; readonly rest: string } {
  const addresses: string[] = [];
  const rest: string[] = [];
  for (const part of text.split(/[,;\n\t]+/)) {
    const inner = (/<([^<>]*)>\s*$/.exec(part)?.[1] ?? part).trim();
    if (isAddress(inner)) addresses.push(inner);
    else if (part.trim()) rest.push(part.trim());
  }
  return { addresses, rest: rest.join(', ') };
}

/** The people that match what was typed and are in no row yet. */
export function suggestions(people: readonly CasePerson[], taken: readonly string[], typed: string): CasePerson[] {
  const wanted = typed.trim().toLowerCase();
  return people.filter(
    ({ name, address }) =>
      !taken.some((one) => sameAddress(one, address)) && `${name} ${address}`.toLowerCase().includes(wanted),
  );
}

export function nameOf(people: readonly CasePerson[], address: string): string {
  return people.find((one) => sameAddress(one.address, address))?.name ?? '';
}
