// Messages as they stand on the page, each in an element with `data-message`.

/** The message that the keyboard is at; empty when it is at none. */
export function messageInHand(): string {
  return document.activeElement?.closest<HTMLElement>('[data-message]')?.dataset['message'] ?? '';
}

/** Brings a message into view, and the keyboard to it. */
export function goToMessage(id: string): void {
  const place = document.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`);
  place?.focus({ preventScroll: true });
  place?.scrollIntoView({ block: 'start' });
}
