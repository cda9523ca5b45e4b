// The composer's own signs, 16 by 16, drawn in the colour of the text around them.
const PATHS = {
  bold: 'M4.5 2.5h4.2a2.8 2.8 0 0 1 0 5.5H4.5zM4.5 8h4.8a2.8 2.8 0 0 1 0 5.5H4.5z',
  italic: 'M6.5 2.5h5M4.5 13.5h5M9.5 2.5l-3 11',
  underline: 'M4.5 2.5v4.8a3.5 3.5 0 0 0 7 0V2.5M3.5 13.5h9',
  bullets: 'M6.5 4h7M6.5 8h7M6.5 12h7M2.8 4h.4M2.8 8h.4M2.8 12h.4',
  numbers: 'M7 4h6.5M7 8h6.5M7 12h6.5M2.2 3.2l1.2-.7v3.2M2.2 10.3c.2-.9 1.9-.8 1.8.2 0 .8-1.8 1.2-1.8 2.6H4',
  quote: 'M3 3v10M6.5 5h7M6.5 8h7M6.5 11h4.5',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.8.2l2-2a2.6 2.6 0 0 0-3.7-3.7l-1 1M9.2 6.8a2.6 2.6 0 0 0-3.8-.2l-2 2a2.6 2.6 0 0 0 3.7 3.7l1-1',
  clear: 'M4 2.5h9M8.5 2.5l-2 7M2.5 13.5h4M9.5 9.5l4 4M13.5 9.5l-4 4',
} as const;

export type Sign = keyof typeof PATHS;

export function SignIcon({ sign }: { readonly sign: Sign }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[sign]} fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
